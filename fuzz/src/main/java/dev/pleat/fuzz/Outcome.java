package dev.pleat.fuzz;

/** What became of a case. */
public enum Outcome {
  /** Refused in one line. */
  REFUSED("refused in one line", true),
  /** Done; outputs opened and ran once more, elsewhere. */
  DONE("done, and opened again", true),
  /** An exception that no user can have caused, or a message that is not one plain line. */
  UNEXPECTED("unexpected", false),
  /** The command said that it was done, and its output is none. */
  BAD_OUTPUT("output does not run", false),
  /** The JVM was gone. */
  DEAD("dead JVM", false),
  /** It took longer than allowed. */
  OVER_TIME("over time", false),
  /** It needed more memory than allowed. */
  OVER_MEMORY("over memory", false),
  /** An input or a neighbour of the output was another afterwards. */
  CHANGED("input or neighbours changed", false),
  /** Something was left beside the output or in the temporary folder. */
  LEFT("left something behind", false);

  private final String words;
  private final boolean good;

  Outcome(String words, boolean good) {
    this.words = words;
    this.good = good;
  }

  /** As a table calls it. */
  public String words() {
    return words;
  }

  /** Whether that is as promised. */
  public boolean isGood() {
    return good;
  }
}
