package dev.pleat.core.cluster;

import dev.pleat.core.PleatException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Baseline: keep the channels with the largest norms and drop the others. */
public final class MagnitudePruning {
  private MagnitudePruning() {}

  /**
   * Keeps the k channels with the largest norms; of equal norms the lower channel stays.
   *
   * @param norms one for each channel, finite and not negative
   * @param k number of channels to keep, in [1, n]
   * @throws PleatException when k is out of range or a norm is not a norm
   */
  public static Clustering of(double[] norms, int k) {
    int n = norms.length;
    Clustering.requireWidth(k, n);
    for (int i = 0; i < n; i++) {
      if (!(norms[i] >= 0 && norms[i] < Double.POSITIVE_INFINITY)) {
        throw new PleatException(
            "norm of channel " + i + " is " + norms[i] + "; its weights must be finite");
      }
    }
    int[] kept =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -norms[i]))
            .limit(k)
            .mapToInt(Integer::intValue)
            .toArray();
    Arrays.sort(kept);
    return Clustering.keep(kept, n);
  }
}
