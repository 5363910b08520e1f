package dev.pleat.onnx.eval;

import dev.pleat.core.report.Latency;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Times models in turns, so that a slow moment of the machine falls on all of them. */
final class Stopwatch {
  private static final int WARM_UP = 3;
  private static final int FEWEST = 20;
  private static final int FEWEST_OF_SLOW = 3;
  private static final int MOST = 2000;
  private static final long ENOUGH_NANOS = 1_000_000_000L;
  private static final long TOO_LONG_NANOS = 30_000_000_000L;

  private Stopwatch() {}

  /** The latency of each model on the same inputs: at least 20 runs and about a second each. */
  static List<Latency> time(
      List<OnnxSession> sessions, Map<String, TensorValue> inputs, int batch) {
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
    for (int runs = 0; !enough(runs, start, measured, models); runs++) {
      for (int m = 0; m < models; m++) {
        long before = System.nanoTime();
        sessions.get(m).run(inputs);
        times.get(m).add(System.nanoTime() - before);
      }
    }
    return times.stream().map(t -> latency(t, batch)).toList();
  }

  private static boolean enough(int runs, long start, long measured, int models) {
    long now = System.nanoTime();
    boolean plenty = runs >= FEWEST && now - measured >= ENOUGH_NANOS * models;
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
