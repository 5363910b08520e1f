package dev.pleat.onnx.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.budget.Precision;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.report.Footprint;
import dev.pleat.onnx.model.ModelReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What networks need of a microcontroller. */
public final class Footprints {
  private static final Logger LOG = LoggerFactory.getLogger(Footprints.class);

  private Footprints() {}

  /**
   * That of a file, which is run to learn its sizes; empty where it cannot be.
   *
   * @param inputShapes shapes of inputs by name where the model leaves dimensions open
   */
  public static Optional<Footprint> of(Path file, Map<String, long[]> inputShapes, int threads) {
    try {
      TracedModel traced = TracedModel.of(ModelReader.read(file), inputShapes, threads);
      return Optional.of(of(traced, traced.sizes().widths()));
    } catch (PleatException e) {
      LOG.info("{}: what it needs of a microcontroller is not counted", file, e);
      return Optional.empty();
    }
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
