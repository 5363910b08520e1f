package dev.pleat.llm.request;

/**
 * One of several parts of a fold that are made by processes of their own.
 *
 * @param number from 1
 * @param of how many there are, at least {@code number}
 */
public record Part(int number, int of) {
  /** Checks the numbers. */
  public Part {
    if (number < 1 || number > of) {
      throw new IllegalArgumentException("there is no part " + number + " of " + of);
    }
  }

  /** Whether what lies at some place of a whole is this part's: as much goes to each. */
  public boolean holds(long place, long whole) {
    return (int) ((double) place / whole * of) == number - 1;
  }

  @Override
  public String toString() {
    return number + "/" + of;
  }
}
