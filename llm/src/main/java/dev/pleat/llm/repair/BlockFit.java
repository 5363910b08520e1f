package dev.pleat.llm.repair;

import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.blueprint.FeedForward;
import dev.pleat.llm.blueprint.Linear;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LayerWalk;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Fits all of a folded block: its down projection, then the projections into its neurons ({@link
 * NeuronFit}), then the down projection again to what the neurons are by then.
 */
final class BlockFit {
  /** Positions that the projections into the neurons are fitted to. */
  private static final int MOST = 8192;

  /**
   * Outputs at those positions for each unknown: with 24 (stories260k) perplexity falls on texts
   * that were not fitted to, with 3 (SmolLM2-135M) it rises.
   */
  private static final int OUTPUTS = 10;

  private final Streams streams;
  private final Map<String, Tensor> weights;

  /**
   * What a block has become.
   *
   * @param fit of its down projection
   * @param down that projection
   * @param producers tensors of the projections into its neurons that changed
   */
  record Fitted(DownFit fit, DownProjection down, Map<String, Tensor> producers) {}

  /**
   * A fit to make.
   *
   * @param streams stand at the layer of the block
   * @param weights of the folded block
   */
  BlockFit(Streams streams, Map<String, Tensor> weights) {
    this.streams = streams;
    this.weights = weights;
  }

  /**
   * Fits a block.
   *
   * @param fit of its down projection
   * @param prior what the ridge of that draws to, m×k, row-major
   * @param producers whether the projections into the neurons are fitted, too, where that is
   *     possible
   */
  Fitted fit(DownFit fit, double[] prior, boolean producers) {
    DownProjection down = fit.fit(prior);
    Fitted plain = new Fitted(fit, down, Map.of());
    if (!producers || !(streams.feedForward() instanceof FeedForward.Dense block)) {
      return plain;
    }
    Optional<Map<String, Tensor>> changed = changed(block, fit, down);
    if (changed.isEmpty()) {
      return plain;
    }
    Map<String, Tensor> all = new HashMap<>(weights);
    all.putAll(changed.get());
    DownFit again = fit.with(streams.neurons(all));
    DownProjection better = again.fit(down.values());
    return energy(again.lack(better)) < energy(fit.lack(down))
        ? new Fitted(again, better, changed.get())
        : plain;
  }

  private static double energy(HiddenStates states) {
    double sum = 0;
    for (float value : states.values()) {
      sum += (double) value * value;
    }
    return sum;
  }

  private Optional<Map<String, Tensor>> changed(
      FeedForward.Dense block, DownFit fit, DownProjection down) {
    int sequences = Math.max(1, MOST / streams.length());
    int[] rows = streams.someRows(sequences);
    // With few outputs for each unknown, what is learnt is these positions.
    if (rows.length < (long) OUTPUTS * down.neurons() * block.inputs()) {
      return Optional.empty();
    }
    LayerWalk.Passed passed = streams.linearised(sequences, weights);
    HiddenStates read = passed.read().orElseThrow();
    HiddenStates slopes = passed.slopes().orElseThrow();
    DownFit some = fit.rows(rows);
    return new NeuronFit(down, read, slopes, some.lack(down), some.scales())
        .fit()
        .map(change -> changed(block, down.neurons(), read.width(), change));
  }

  /** The projections into the neurons with a change, k×h or 2k×h, added. */
  private Map<String, Tensor> changed(
      FeedForward.Dense block, int neurons, int hidden, float[] change) {
    int each = neurons * hidden;
    return switch (block) {
      case FeedForward.Plain(var up, var down, var activation) ->
          Map.of(up.weight(), sum(up, hidden, change));
      case FeedForward.JoinedGated(var both, var down, var activation) ->
          Map.of(both.weight(), sum(both, hidden, change));
      case FeedForward.Gated(var gate, var up, var down, var activation) ->
          Map.of(
              gate.weight(),
              sum(gate, hidden, Arrays.copyOf(change, each)),
              up.weight(),
              sum(up, hidden, Arrays.copyOfRange(change, each, change.length)));
    };
  }

  private Tensor sum(Linear linear, int hidden, float[] change) {
    Tensor before = Objects.requireNonNull(weights.get(linear.weight()), linear.weight());
    float[] added =
        linear.transposed()
            ? DownProjection.transposed(change, change.length / hidden, hidden)
            : change;
    float[] values = before.values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] += added[i];
    }
    return new Tensor(before.shape(), values);
  }
}
