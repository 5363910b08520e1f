package dev.pleat.cli;

/** Commands to copy into a shell. */
final class ShellText {
  private ShellText() {}

  /** An argument as a shell takes it. */
  static String quoted(String argument) {
    return argument.matches("[\\w./+:@%,=-]+")
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }
}
