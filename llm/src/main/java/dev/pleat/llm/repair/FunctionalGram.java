package dev.pleat.llm.repair;

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
 * @param columns n×n, ⟨v_i, v_j⟩
 */
record FunctionalGram(GramMatrix activations, GramMatrix columns) {

  /**
   * Compares neurons.
   *
   * @param neurons h, positions×n
   * @param down whose columns are v
   */
  static FunctionalGram of(HiddenStates neurons, DownProjection down, int threads) {
    int n = down.neurons();
    float[] rows = DownProjection.transposed(neurons.values(), neurons.rows(), n);
    return new FunctionalGram(gram(n, rows, threads), gram(n, down.columns(), threads));
  }

  private static GramMatrix gram(int n, float[] rows, int threads) {
    return GramMatrix.of(Features.of(n, rows), BlasProvider.shared(), threads);
  }

  /** Number of neurons n. */
  int size() {
    return activations.size();
  }

  /** G_ij, times the number of positions. */
  double get(int i, int j) {
    return activations.get(i, j) * columns.get(i, j);
  }

  /** All values at once, n×n. */
  GramMatrix functional() {
    int n = size();
    float[] values = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        float value = (float) get(i, j);
        values[i * n + j] = value;
        values[j * n + i] = value;
      }
      values[i * n + i] = Math.max(0, values[i * n + i]);
    }
    return GramMatrix.of(n, values);
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
