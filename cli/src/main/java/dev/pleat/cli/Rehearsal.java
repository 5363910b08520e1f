package dev.pleat.cli;

/** stub */
final class Rehearsal {
  private Rehearsal() {}

  public static void main(String... a) {
    Pleat.commandLine().execute("inspect", "--help");
  }
}
