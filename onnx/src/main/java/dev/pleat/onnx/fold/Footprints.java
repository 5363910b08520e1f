package dev.pleat.onnx.fold;

import dev.pleat.core.budget.Precision;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.report.Footprint;
import dev.pleat.onnx.model.ModelReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What networks need of a microcontroller. */
public final class Footprints {
  private Footprints() {}

  /**
   * That of a file, which is run to learn its sizes.
   *
   * @param inputShapes shapes of inputs by name where the model leaves dimensions open
   * @throws dev.pleat.core.PleatException when it is no valid model
   */
  public static Footprint of(Path file, Map<String, long[]> inputShapes, int threads) {
    TracedModel traced = TracedModel.of(ModelReader.read(file), inputShapes, threads);
    return of(traced, traced.sizes().widths());
  }

  /** That of a model at some widths. */
  static Footprint of(TracedModel traced, int[] widths) {
    SizeModel sizes = traced.sizes();
    boolean counted = traced.trace().work().isPresent();
    return new Footprint(
        sizes.flash(Precision.FP32).of(widths),
        sizes.flash(Precision.INT8).of(widths),
        sizes.ram(Precision.FP32).map(cost -> cost.of(widths)),
        sizes.ram(Precision.INT8).map(cost -> cost.of(widths)),
        counted ? Optional.of(sizes.totals(widths).flops() / 2) : Optional.empty());
  }
}
