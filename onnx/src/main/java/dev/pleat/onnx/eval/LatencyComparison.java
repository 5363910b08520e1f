package dev.pleat.onnx.eval;

import dev.pleat.core.PleatException;
import dev.pleat.core.report.Latency;
import dev.pleat.core.report.Timing;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Times a folded model and its original in turns on the same generated inputs. */
public final class LatencyComparison {
  private static final Logger LOG = LoggerFactory.getLogger(LatencyComparison.class);

  private LatencyComparison() {}

  /**
   * One timing with one sample, and one with 32 where the models take them, fewer of large ones.
   *
   * @param shapes shapes of inputs by name where the models leave dimensions open
   * @param threads threads of one run, at least 1
   * @throws PleatException when one of them does not run
   */
  public static List<Timing> measure(
      Path before,
      Path after,
      Map<String, long[]> shapes,
      int threads,
      LatencyTimer.Effort effort) {
    try (OnnxSession original = OnnxSession.open(before, threads);
        OnnxSession folded = OnnxSession.open(after, threads)) {
      List<OnnxSession> both = List.of(original, folded);
      Map<String, TensorValue> runs = GeneratedInputs.firstThatRuns(original, shapes, 0);
      List<Timing> timings = new ArrayList<>();
      Samples one = Samples.generated(original, runs, shapes, 1);
      timings.add(time(both, one, threads, effort));
      int alone = timings.getFirst().before().batch();
      try {
        Samples many = Samples.generated(original, runs, shapes, one.throughput());
        if (many.batch() != alone) {
          timings.add(time(both, many, threads, effort));
        }
      } catch (PleatException e) {
        LOG.debug("no run with more samples", e);
      }
      return List.copyOf(timings);
    }
  }

  private static Timing time(
      List<OnnxSession> both, Samples samples, int threads, LatencyTimer.Effort effort) {
    List<Latency> latencies = LatencyTimer.time(both, samples.inputs(), samples.batch(), effort);
    return new Timing(threads, latencies.getFirst(), latencies.getLast());
  }
}
