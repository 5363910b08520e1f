package dev.pleat.onnx.eval;

import dev.pleat.core.report.EmbeddingAgreement;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Compares the embeddings of samples, and of pairs of samples, of two models. */
final class EmbeddingTally {
  /** The input in which transformers are told which positions are real. */
  private static final String MASK = "attention_mask";

  /** Samples whose pairs are compared; those after them count for the cosine alone. */
  private static final int MOST_PAIRED = 1000;

  private final List<double[]> original = new ArrayList<>();
  private final List<double[]> folded = new ArrayList<>();
  private double cosine;
  private long samples;

  /**
   * Adds a batch.
   *
   * @param inputs what both models read
   */
  void add(Rows expected, Rows actual, Map<String, TensorValue> inputs) {
    int count = expected.shape().length == 0 ? 1 : (int) expected.shape()[0];
    for (int s = 0; s < count; s++) {
      double[] a = embedding(expected, s, count, inputs);
      double[] b = embedding(actual, s, count, inputs);
      cosine += cosine(a, b);
      samples++;
      if (original.size() < MOST_PAIRED) {
        original.add(a);
        folded.add(b);
      }
    }
  }

  private static double[] embedding(
      Rows rows, int sample, int samples, Map<String, TensorValue> inputs) {
    int positions = rows.count() / samples;
    double[] sum = new double[rows.width()];
    for (int p = sample * positions; p < (sample + 1) * positions; p++) {
      if (inputs.get(MASK) instanceof TensorValue.Integers(long[] unused, long[] mask)
          && mask.length == rows.count()
          && mask[p] == 0) {
        continue;
      }
      for (int c = 0; c < sum.length; c++) {
        sum[c] += rows.at(p, c);
      }
    }
    return sum;
  }

  /** Of what was added, at least one sample. */
  EmbeddingAgreement agreement() {
    return new EmbeddingAgreement(cosine / samples, rankCorrelation());
  }

  private Optional<Double> rankCorrelation() {
    double[] a = ranks(pairs(original));
    double[] b = ranks(pairs(folded));
    double mean = (a.length - 1) / 2.0;
    Arrays.setAll(a, i -> a[i] - mean);
    Arrays.setAll(b, i -> b[i] - mean);
    double correlation = cosine(a, b);
    boolean varied = dot(a, a) > 0 && dot(b, b) > 0;
    return original.size() > 2 && varied ? Optional.of(correlation) : Optional.empty();
  }

  private static double[] pairs(List<double[]> embeddings) {
    return IntStream.range(0, embeddings.size())
        .boxed()
        .flatMap(i -> embeddings.subList(0, i).stream().map(e -> cosine(e, embeddings.get(i))))
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  /** From 0; equal values share the mean of their ranks. */
  private static double[] ranks(double[] values) {
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> values[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] ranks = new double[values.length];
    for (int from = 0; from < order.length; ) {
      int to = from + 1;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + to - 1) / 2.0;
      }
      from = to;
    }
    return ranks;
  }

  /** 0 where one of them is 0. */
  private static double cosine(double[] a, double[] b) {
    double norms = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b));
    return norms > 0 ? Math.clamp(dot(a, b) / norms, -1, 1) : 0;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
