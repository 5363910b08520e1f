package dev.pleat.onnx.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.report.Budget;
import dev.pleat.core.report.Footprint;
import dev.pleat.onnx.eval.LatencyComparison;
import dev.pleat.onnx.eval.LatencyTimer;
import dev.pleat.onnx.model.OnnxModel;
import java.nio.file.Path;
import java.util.Map;

/** Holds a written model to the budget that it was made for, by looking at the file alone. */
final class Achieved {
  private Achieved() {}

  /**
   * The budget with what the file has of it.
   *
   * @param original the file it was folded from
   * @throws PleatException when it has more than allowed, noise of the clock apart
   */
  static Budget in(
      OnnxModel written,
      Budget budget,
      Path original,
      Map<String, long[]> inputShapes,
      int threads) {
    double value =
        switch (budget.measure()) {
          case "bytes" -> written.bytes();
          case "parameters" -> totals(written, inputShapes, threads).parameters();
          case "flops" -> totals(written, inputShapes, threads).flops();
          case "flash fp32" -> footprint(written, inputShapes, threads).flashFp32();
          case "flash int8" -> footprint(written, inputShapes, threads).flashInt8();
          case "ram fp32" ->
              footprint(written, inputShapes, threads).ramFp32().orElseThrow().doubleValue();
          case "ram int8" ->
              footprint(written, inputShapes, threads).ramInt8().orElseThrow().doubleValue();
          case "latency" ->
              LatencyComparison.measure(
                      original, written.file(), inputShapes, threads, LatencyTimer.Effort.QUICK)
                  .getFirst()
                  .after()
                  .median();
          default -> budget.predicted();
        };
    if (value > budget.most() && !budget.measure().equals("latency")) {
      throw new PleatException(
          "the target allows %.0f %s, but the output has %.0f; ask for %.0f less"
              .formatted(budget.most(), budget.measure(), value, value - budget.most()));
    }
    return budget.withAchieved(value);
  }

  private static Footprint footprint(
      OnnxModel written, Map<String, long[]> inputShapes, int threads) {
    TracedModel traced = TracedModel.of(written, inputShapes, threads);
    return Footprints.of(traced, traced.sizes().widths());
  }

  private static SizeModel.Totals totals(
      OnnxModel written, Map<String, long[]> inputShapes, int threads) {
    return TracedModel.of(written, inputShapes, threads).sizes().original();
  }
}
