package dev.pleat.cli;

import java.nio.file.Path;

/** The demo's 2,000 images, which none of the bundled networks has seen. */
final class BundledImages {
  private static final Path BUNDLED = Path.of("src/main/resources/demo");

  private BundledImages() {}

  /** The share of the images that a network puts in the right class. */
  static double accuracy(Path model) {
    return Run.of(
            "eval",
            model.toString(),
            "--images",
            BUNDLED.resolve("images.idx3-ubyte.gz").toString(),
            "--labels",
            BUNDLED.resolve("labels.idx1-ubyte.gz").toString(),
            "--mean",
            "0.286",
            "--std",
            "0.353",
            "--json",
            "-q")
        .json()
        .get("accuracy")
        .asDouble();
  }
}
