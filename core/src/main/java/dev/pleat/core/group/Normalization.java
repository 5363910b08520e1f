package dev.pleat.core.group;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A batch normalisation on the channels of a group: y = scale·(x − mean)/√(variance + epsilon) +
 * bias. All slots index the same tensor shape, {@code [channels]}.
 *
 * @param scale γ
 * @param bias β
 * @param mean running mean
 * @param variance running variance
 * @param epsilon added to the variance
 * @param producers the weights whose output is what is normalised and nothing else, so that they
 *     may be rescaled; empty where the input comes from elsewhere too (after an addition, a
 *     concatenation). A weight with the role {@link Role#PER_CHANNEL} is a depthwise filter
 * @param producerBiases the biases that go with them
 */
public record Normalization(
    Slot scale,
    Slot bias,
    Slot mean,
    Slot variance,
    double epsilon,
    List<Slot> producers,
    List<Slot> producerBiases) {

  /** Copies the lists. */
  public Normalization {
    producers = List.copyOf(producers);
    producerBiases = List.copyOf(producerBiases);
  }

  /** The normalisation with every slot replaced. */
  Normalization map(UnaryOperator<Slot> replacement) {
    return new Normalization(
        replacement.apply(scale),
        replacement.apply(bias),
        replacement.apply(mean),
        replacement.apply(variance),
        epsilon,
        producers.stream().map(replacement).toList(),
        producerBiases.stream().map(replacement).toList());
  }
}
