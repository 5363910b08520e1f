package dev.pleat.examples;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.onnx.OnnxFolding;
import dev.pleat.onnx.fold.FoldRequest;
import java.nio.file.Path;

/** Removes half of the channels of every group of an ONNX file. */
public final class FoldFile {
  private FoldFile() {}

  /** Writes the smaller file; a second, from the weights alone. */
  public static FoldReport fold(Path model, Path smaller) {
    FoldOptions half = FoldOptions.of(new Target.Channels(0.5)).with(Repair.APPROXIMATE);
    return OnnxFolding.fold(FoldRequest.of(model, smaller, half), Progress.SILENT);
  }

  /** Takes two paths: the model, and where to write. */
  public static void main(String... paths) {
    FoldReport report = fold(Path.of(paths[0]), Path.of(paths[1]));
    System.out.printf(
        "%,d of %,d parameters are left%n",
        report.parameters().after(), report.parameters().before());
  }
}
