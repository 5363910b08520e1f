package dev.pleat.llm.task;

import dev.pleat.core.report.TaskReport.Difference;
import dev.pleat.core.report.TaskReport.Share;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Which questions a model answered rightly, in their order. */
final class TaskTally {
  /** Standard deviations on either side of a mean that hold 95 % of a normal distribution. */
  private static final double NORMAL_95 = 1.959964;

  private final List<Boolean> right = new ArrayList<>();
  private final List<Boolean> normalized = new ArrayList<>();

  /** Judges one question. */
  void add(Question question, double[] logLikelihoods) {
    double[] divided = logLikelihoods.clone();
    for (int c = 0; c < divided.length; c++) {
      divided[c] /= Math.max(1, question.choices().get(c).length());
    }
    right.add(largest(logLikelihoods) == question.answer());
    normalized.add(largest(divided) == question.answer());
  }

  private static int largest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  Share accuracy() {
    return share(right);
  }

  Share normalizedAccuracy() {
    return share(normalized);
  }

  Difference change(TaskTally original) {
    return difference(right, original.right);
  }

  Difference normalizedChange(TaskTally original) {
    return difference(normalized, original.normalized);
  }

  private static Share share(List<Boolean> answers) {
    double[] values = answers.stream().mapToDouble(a -> a ? 1 : 0).toArray();
    return new Share(mean(values), standardError(values));
  }

  private static Difference difference(List<Boolean> own, List<Boolean> original) {
    double[] values = new double[own.size()];
    Arrays.setAll(values, i -> (own.get(i) ? 1 : 0) - (original.get(i) ? 1 : 0));
    double mean = mean(values);
    double half = NORMAL_95 * standardError(values);
    return new Difference(mean, mean - half, mean + half);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }

  /** √(Σ(x − x̄)²/(n−1)/n); 0 of a single value. */
  private static double standardError(double[] values) {
    double mean = mean(values);
    double squares = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
    int n = values.length;
    return n < 2 ? 0 : Math.sqrt(squares / (n - 1) / n);
  }
}
