package dev.pleat.llm.repair;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.MagnitudePruning;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which neurons stay, and which neurons each of them stands for.
 *
 * @param medoids the neurons that keep their own weights, ascending
 * @param members of the cluster of each medoid, itself among them; neurons may be in none
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record NeuronClusters(int[] medoids, int[][] members) {

  /**
   * Folding: {@link FunctionalGram#survivors} stay. Each other neuron joins the medoid that can
   * stand for most of it, the m of the largest G_im² / G_mm.
   */
  static NeuronClusters folded(FunctionalGram gram, int kept) {
    int[] medoids = gram.survivors(kept);
    int[] labels = new int[gram.size()];
    IntStream.range(0, labels.length)
        .parallel()
        .forEach(i -> labels[i] = standIn(gram, i, medoids));
    Arrays.stream(medoids).forEach(m -> labels[m] = m);
    int[][] members =
        Arrays.stream(medoids)
            .mapToObj(m -> IntStream.range(0, labels.length).filter(i -> labels[i] == m).toArray())
            .toArray(int[][]::new);
    return new NeuronClusters(medoids, members);
  }

  private static int standIn(FunctionalGram gram, int neuron, int[] medoids) {
    int best = medoids[0];
    double most = -1;
    for (int m : medoids) {
      double inner = gram.get(neuron, m);
      double square = gram.get(m, m);
      double covered = square > 0 ? inner * inner / square : 0;
      if (covered > most) {
        best = m;
        most = covered;
      }
    }
    return best;
  }

  /**
   * Pruning to the neurons with the largest √E[h²]·‖v‖: the scores that Wanda (2306.11695) gives to
   * the weights of the down projection, joined for each neuron.
   */
  static NeuronClusters scored(FunctionalGram gram, int kept) {
    double[] scores =
        IntStream.range(0, gram.size()).mapToDouble(i -> Math.max(0, gram.get(i, i))).toArray();
    return of(gram, MagnitudePruning.of(scores, kept));
  }

  /** Clusters as they are, each with the member that adds most to the output as its medoid. */
  static NeuronClusters of(FunctionalGram gram, Clustering clustering) {
    int[][] members = clustering.members();
    int[] medoids = new int[members.length];
    for (int c = 0; c < members.length; c++) {
      medoids[c] = members[c][0];
      for (int member : members[c]) {
        if (gram.get(member, member) > gram.get(medoids[c], medoids[c])) {
          medoids[c] = member;
        }
      }
    }
    int[] order =
        IntStream.range(0, medoids.length)
            .boxed()
            .sorted((a, b) -> Integer.compare(medoids[a], medoids[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    return new NeuronClusters(
        Arrays.stream(order).map(c -> medoids[c]).toArray(),
        Arrays.stream(order).mapToObj(c -> members[c]).toArray(int[][]::new));
  }

  /**
   * The same without the medoids.
   *
   * @param neurons how many there are; those in no cluster are dropped
   */
  Clustering clustering(int neurons) {
    int[] labels = new int[neurons];
    Arrays.fill(labels, Clustering.DROPPED);
    for (int p = 0; p < medoids.length; p++) {
      for (int member : members[p]) {
        labels[member] = p;
      }
    }
    return Clustering.of(labels);
  }

  /**
   * What plain folding makes of the down projection: the columns of each cluster, each times how
   * much of it the medoid is.
   *
   * @return outputs×medoids, row-major
   */
  double[] plain(FunctionalGram gram, DownProjection down) {
    int k = medoids.length;
    double[] plain = new double[down.outputs() * k];
    for (int p = 0; p < k; p++) {
      for (int member : members[p]) {
        double share = member == medoids[p] ? 1 : gram.share(member, medoids[p]);
        for (int r = 0; r < down.outputs(); r++) {
          plain[r * k + p] += share * down.rows()[r * down.neurons() + member];
        }
      }
    }
    return plain;
  }
}
