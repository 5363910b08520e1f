package dev.pleat.cli;

import dev.pleat.core.PleatException;
import dev.pleat.core.report.Latency;
import dev.pleat.core.report.LatencyChange;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Median times of one run of two models on the same generated inputs.
 *
 * @param beforeMs milliseconds of the original
 * @param afterMs milliseconds of the folded model
 */
record LatencyComparison(double beforeMs, double afterMs) {
  private static final long BUDGET_NANOS = 500_000_000;
  private static final int MOST_RUNS = 200;

  /**
   * Runs both models in turns, so that whatever else the machine does slows both alike, for about
   * half a second or at least once.
   *
   * @throws PleatException when one of them does not run
   */
  static LatencyComparison measure(
      Path before, Path after, Map<String, long[]> shapes, int threads, long seed) {
    try (OnnxSession original = OnnxSession.open(before, threads);
        OnnxSession folded = OnnxSession.open(after, threads)) {
      Map<String, TensorValue> inputs = GeneratedInputs.firstThatRuns(original, shapes, seed);
      folded.run(inputs);
      List<Double> originalMs = new ArrayList<>();
      List<Double> foldedMs = new ArrayList<>();
      long end = System.nanoTime() + BUDGET_NANOS;
      do {
        originalMs.add(milliseconds(original, inputs));
        foldedMs.add(milliseconds(folded, inputs));
      } while (System.nanoTime() < end && originalMs.size() < MOST_RUNS);
      return new LatencyComparison(median(originalMs), median(foldedMs));
    }
  }

  /** The same as a report holds it. */
  LatencyChange change() {
    return new LatencyChange(
        new Latency(beforeMs, Double.NaN, 1), new Latency(afterMs, Double.NaN, 1));
  }

  private static double milliseconds(OnnxSession session, Map<String, TensorValue> inputs) {
    long start = System.nanoTime();
    session.run(inputs);
    return (System.nanoTime() - start) / 1e6;
  }

  private static double median(List<Double> times) {
    return times.stream().sorted().skip(times.size() / 2).findFirst().orElse(Double.NaN);
  }
}
