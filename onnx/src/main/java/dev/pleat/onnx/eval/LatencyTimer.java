package dev.pleat.onnx.eval;

import dev.pleat.core.report.Latency;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Times models in turns, so that a slow moment of the machine falls on all of them. */
public final class LatencyTimer {
  private static final int WARM_UP = 3;
  private static final int FEWEST_OF_SLOW = 3;
  private static final int MOST = 2000;
  private static final long TOO_LONG_NANOS = 30_000_000_000L;

  private LatencyTimer() {}

  /**
   * How long to time.
   *
   * @param fewest runs of each model
   * @param nanos that all runs of each model take together at least
   */
  public record Effort(int fewest, long nanos) {
    /** For figures that are shown. */
    public static final Effort USUAL = new Effort(20, 500_000_000L);

    /** For figures that only have to be compared. */
    public static final Effort QUICK = new Effort(9, 250_000_000L);
  }

  /**
   * The latency of each model on the same inputs, after some runs to warm up.
   *
   * @param batch samples in the inputs
   * @throws dev.pleat.core.PleatException when one of them does not run
   */
  public static List<Latency> time(
      List<OnnxSession> sessions, Map<String, TensorValue> inputs, int batch, Effort effort) {
    int models = sessions.size();
    long start = System.nanoTime();
    for (int i = 0; i < WARM_UP; i++) {
      for (OnnxSession session : sessions) {
        session.run(inputs);
      }
    }
    List<List<Long>> times = new ArrayList<>();
    sessions.forEach(session -> times.add(new ArrayList<>()));
    long measured = System.nanoTime();
    for (int runs = 0; !enough(runs, start, measured, models, effort); runs++) {
      for (int m = 0; m < models; m++) {
        long before = System.nanoTime();
        sessions.get(m).run(inputs);
        times.get(m).add(System.nanoTime() - before);
      }
    }
    return times.stream().map(t -> latency(t, batch)).toList();
  }

  private static boolean enough(int runs, long start, long measured, int models, Effort effort) {
    long now = System.nanoTime();
    boolean plenty = runs >= effort.fewest && now - measured >= effort.nanos * models;
    boolean slow = runs >= FEWEST_OF_SLOW && now - start >= TOO_LONG_NANOS;
    return plenty || slow || runs >= MOST;
  }

  /** Median and nearest-rank 90th percentile of nanoseconds. */
  static Latency latency(List<Long> nanos, int batch) {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    int n = sorted.length;
    double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
    long p90 = sorted[(9 * n + 9) / 10 - 1];
    return new Latency(median / 1e6, p90 / 1e6, batch);
  }
}
