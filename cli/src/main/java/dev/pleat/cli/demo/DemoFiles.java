package dev.pleat.cli.demo;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The bundled files, laid out on disk.
 *
 * @param model the network
 * @param images the test images
 * @param labels their labels
 */
public record DemoFiles(Path model, Path images, Path labels) {

  /**
   * Copies the bundled files into a folder.
   *
   * @throws PleatException when the folder cannot be written
   */
  public static DemoFiles extract(Path folder) {
    return new DemoFiles(
        extract("resnet18-fashion-mnist.onnx", folder),
        extract("images.idx3-ubyte.gz", folder),
        extract("labels.idx1-ubyte.gz", folder));
  }

  private static Path extract(String name, Path folder) {
    Path file = folder.resolve(name);
    try (InputStream in = DemoFiles.class.getResourceAsStream("/demo/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the build left out the resource demo/" + name);
      }
      Files.copy(in, file);
      return file;
    } catch (IOException e) {
      throw new PleatException(
          "%s: cannot be written (%s); free some space or set another temporary folder with PLEAT_OPTS=-Djava.io.tmpdir=FOLDER"
              .formatted(file, e),
          e);
    }
  }
}
