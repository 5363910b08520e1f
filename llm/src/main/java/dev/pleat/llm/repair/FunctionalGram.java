package dev.pleat.llm.repair;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.linalg.Features;

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
   * @param neurons h, n×positions, row-major
   * @param columns v, n×outputs, row-major
   */
  static FunctionalGram of(int n, float[] neurons, float[] columns, int threads) {
    GramMatrix h = GramMatrix.of(Features.of(n, neurons), BlasProvider.shared(), threads);
    GramMatrix v = GramMatrix.of(Features.of(n, columns), BlasProvider.shared(), threads);
    int positions = neurons.length / n;
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
