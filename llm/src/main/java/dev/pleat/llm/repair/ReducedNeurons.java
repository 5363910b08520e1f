package dev.pleat.llm.repair;

import dev.pleat.core.cluster.Clustering;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The neurons that stay of a block, and what plain folding makes of its down projection.
 *
 * @param kept the neurons that keep their own weights, ascending
 * @param prior outputs×kept, row-major: the columns of each cluster, each times how much of it the
 *     kept neuron is
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record ReducedNeurons(int[] kept, double[] prior) {

  /** Keeps the most important member of each cluster. */
  static ReducedNeurons of(FunctionalGram gram, Clustering clustering, DownProjection down) {
    int[] medoids = gram.medoids(clustering);
    int[] order =
        IntStream.range(0, medoids.length)
            .boxed()
            .sorted(Comparator.comparingInt(c -> medoids[c]))
            .mapToInt(Integer::intValue)
            .toArray();
    int[][] members = clustering.members();
    int k = order.length;
    double[] prior = new double[down.outputs() * k];
    int[] kept = new int[k];
    for (int p = 0; p < k; p++) {
      kept[p] = medoids[order[p]];
      for (int member : members[order[p]]) {
        double share = member == kept[p] ? 1 : gram.share(member, kept[p]);
        for (int r = 0; r < down.outputs(); r++) {
          prior[r * k + p] += share * down.rows()[r * down.neurons() + member];
        }
      }
    }
    return new ReducedNeurons(kept, prior);
  }
}
