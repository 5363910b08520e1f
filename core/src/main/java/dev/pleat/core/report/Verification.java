package dev.pleat.core.report;

/**
 * How the written model was checked.
 *
 * @param ran whether it was checked at all
 * @param maxAbsDifferenceAtRatioZero largest absolute difference between the outputs of the
 *     original and of the same model passed through folding at ratio 0; must be 0
 * @param maxRelativeDifferenceOfDuplicates largest difference, relative to the largest output, that
 *     folding exact duplicates planted in every group makes; 0 up to rounding when every channel
 *     was traced rightly
 * @param verified {@code yes}, {@code partly} where only part of the model was run, or {@code no}
 * @param why only part of it, or nothing, was run; empty where all was, or where nobody asked
 */
public record Verification(
    boolean ran,
    double maxAbsDifferenceAtRatioZero,
    double maxRelativeDifferenceOfDuplicates,
    String verified,
    String why) {

  /** All of the model was run, or nothing. */
  public Verification(
      boolean ran, double maxAbsDifferenceAtRatioZero, double maxRelativeDifferenceOfDuplicates) {
    this(
        ran,
        maxAbsDifferenceAtRatioZero,
        maxRelativeDifferenceOfDuplicates,
        ran ? "yes" : "no",
        "");
  }

  /** Nothing was run, for a reason. */
  public static Verification not(String why) {
    return new Verification(false, 0, 0, "no", why);
  }

  /** The same of a part of the model only. */
  public Verification partly(String reason) {
    return new Verification(
        ran, maxAbsDifferenceAtRatioZero, maxRelativeDifferenceOfDuplicates, "partly", reason);
  }
}
