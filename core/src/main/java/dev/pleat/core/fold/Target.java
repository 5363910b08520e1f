package dev.pleat.core.fold;

import dev.pleat.core.budget.Precision;
import java.io.Serializable;

/** How small the folded model has to be. */
public sealed interface Target extends Serializable {

  /** Remove this share of the channels of each foldable group, in [0, 1). */
  record Channels(double ratio) implements Target {}

  /** Remove at least this share of the model's parameters, in [0, 1). */
  record Parameters(double ratio) implements Target {}

  /** Remove at least this share of the operations of a forward pass, in [0, 1). */
  record Flops(double ratio) implements Target {}

  /** Make the written model, external data included, no larger than this many bytes. */
  record Size(long bytes) implements Target {}

  /** Make the written model no larger than this share of the original, in (0, 1]. */
  record SizeShare(double share) implements Target {}

  /** Let one run take no longer than this share of the original's measured time, in (0, 1]. */
  record Latency(double share) implements Target {}

  /** Let the weights, held in this precision, take no more than this many bytes. */
  record Flash(long bytes, Precision precision) implements Target {}

  /**
   * Let the activations that are alive at once, held in this precision, take no more than this many
   * bytes for one sample.
   */
  record Ram(long bytes, Precision precision) implements Target {}

  /**
   * Make the model as small as it can be while its held-out quality, top-1 agreement for
   * classifiers and else fidelity, stays at or above this, in (0, 1].
   */
  record Keep(double quality) implements Target {}
}
