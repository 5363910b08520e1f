package dev.pleat.cli;

import dev.pleat.cli.demo.Demo;
import dev.pleat.onnx.output.TemporaryFolder;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;

/**
 * Uses the classes that commands usually need, once, so that the JVM can store them linked. The
 * launcher runs this after a build.
 */
final class Rehearsal {
  private Rehearsal() {}

  /** Folds and inspects the bundled network in a temporary folder. */
  public static void main(String... arguments) {
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      Path model = Demo.writeModel(folder.path());
      Path output = folder.path().resolve("folded.onnx");
      run("fold", model.toString(), "-o", output.toString(), "--channels", "0.5");
      run("inspect", model.toString(), "--json");
    }
  }

  private static void run(String... arguments) {
    PrintWriter nobody = new PrintWriter(Writer.nullWriter());
    PleatCommand.commandLine().setOut(nobody).execute(arguments);
  }
}
