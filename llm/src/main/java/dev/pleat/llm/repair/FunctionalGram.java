package dev.pleat.llm.repair;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.linalg.Features;
import dev.pleat.llm.run.HiddenStates;

/**
 * What neurons add to the output of their block, compared: G_ij = E[h_i h_j]·⟨v_i, v_j⟩, with h the
 * activations on some text and v the columns of the down projection. That is the inner product of
 * h_i v_i and h_j v_j over all positions, so scales and signs that a neuron and its column share do
 * not matter.
 *
 * @param activations n×n, Σ h_i h_j
 * @param functional n×n, G in units of the number of positions
 */
record FunctionalGram(GramMatrix activations, GramMatrix functional) {

  /**
   * Compares neurons.
   *
   * @param neurons h, positions×n
   * @param down whose columns are v
   */
  static FunctionalGram of(HiddenStates neurons, DownProjection down, int threads) {
    int n = down.neurons();
    int positions = neurons.rows();
    GramMatrix h = gram(n, DownProjection.transposed(neurons.values(), positions, n), threads);
    GramMatrix v = gram(n, down.columns(), threads);
    float[] values = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        float value = (float) (h.get(i, j) * v.get(i, j) / positions);
        values[i * n + j] = value;
        values[j * n + i] = value;
      }
    }
    return new FunctionalGram(h, GramMatrix.of(n, values));
  }

  private static GramMatrix gram(int n, float[] rows, int threads) {
    return GramMatrix.of(Features.of(n, rows), BlasProvider.shared(), threads);
  }

  /** The member of each cluster that adds most to the output: its medoid. */
  int[] medoids(Clustering clustering) {
    int[][] members = clustering.members();
    int[] medoids = new int[members.length];
    for (int c = 0; c < members.length; c++) {
      medoids[c] = members[c][0];
      for (int member : members[c]) {
        if (functional.get(member, member) > functional.get(medoids[c], medoids[c])) {
          medoids[c] = member;
        }
      }
    }
    return medoids;
  }

  /**
   * How much of a neuron another one is: E[h_i h_m] / E[h_m²], the best factor of h_m to stand for
   * h_i.
   */
  double share(int i, int medoid) {
    double square = activations.get(medoid, medoid);
    return square > 0 ? activations.get(i, medoid) / square : 0;
  }
}
