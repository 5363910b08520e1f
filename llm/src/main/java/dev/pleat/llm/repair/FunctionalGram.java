package dev.pleat.llm.repair;

import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.linalg.Features;
import dev.pleat.core.reconstruct.ChannelElimination;
import dev.pleat.llm.run.HiddenStates;

/**
 * What neurons add to the output of their block, compared: G_ij = E[h_i h_j]·⟨v_i, v_j⟩, with h the
 * activations on some text and v the columns of the down projection. That is the inner product of
 * h_i v_i and h_j v_j over all positions, so scales and signs that a neuron and its column share do
 * not matter.
 *
 * @param neurons h, positions×n
 * @param activations n×n, Σ h_i h_j
 * @param columns n×n, ⟨v_i, v_j⟩
 */
record FunctionalGram(HiddenStates neurons, GramMatrix activations, GramMatrix columns) {

  /**
   * Compares neurons.
   *
   * @param neurons h, positions×n
   * @param down whose columns are v
   */
  static FunctionalGram of(HiddenStates neurons, DownProjection down, int threads) {
    int n = down.neurons();
    float[] rows = DownProjection.transposed(neurons.values(), neurons.rows(), n);
    return new FunctionalGram(neurons, gram(n, rows, threads), gram(n, down.columns(), threads));
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

  /**
   * The neurons that a fitted down projection can least do without ({@link ChannelElimination}).
   */
  int[] survivors(int kept) {
    return ChannelElimination.survivors(
        size(), neurons.values(), activations::get, columns::get, kept);
  }

  /** What {@link ChannelElimination#changes} says down to some number of neurons. */
  double[] changes(int fewest) {
    return ChannelElimination.changes(
        size(), neurons.values(), activations::get, columns::get, fewest);
  }

  /** All values at once, n×n. */
  GramMatrix functional() {
    return GramMatrix.of(size(), this::get);
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
