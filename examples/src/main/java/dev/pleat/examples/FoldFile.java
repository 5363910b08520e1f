package dev.pleat.examples;

import dev.pleat.FileFold;
import dev.pleat.Pleat;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.report.FoldReport;
import java.nio.file.Path;

/** Removes half of the channels of every group of an ONNX file. */
public final class FoldFile {
  private FoldFile() {}

  /** Writes the smaller file; a second, from the weights alone. */
  public static FoldReport fold(Path model, Path smaller) {
    return Pleat.fold(FileFold.of(model, smaller).channels(0.5).repair(Repair.APPROXIMATE));
  }

  /** Takes two paths: the model, and where to write. */
  public static void main(String... paths) {
    FoldReport report = fold(Path.of(paths[0]), Path.of(paths[1]));
    System.out.printf(
        "%,d of %,d parameters are left%n",
        report.parameters().after(), report.parameters().before());
  }
}
