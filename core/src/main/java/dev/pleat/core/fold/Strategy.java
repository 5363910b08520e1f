package dev.pleat.core.fold;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.tensor.TensorStore;
import java.util.List;

/**
 * How a fold is done: what describes a channel, what reduces channels, what repairs the result, and
 * why. It is resolved once, before anything is planned, and every later stage goes by it.
 *
 * @param method how channels are reduced
 * @param features what they are compared by
 * @param repair never {@link Repair#AUTO}
 * @param reason why this repair, in one line
 * @param obstacle what stood in the way of a better repair, empty for nothing
 */
public record Strategy(
    Method method, FeatureSpace features, Repair repair, String reason, String obstacle) {

  /**
   * Checks the repair.
   *
   * @throws IllegalArgumentException when it is still to be chosen
   */
  public Strategy {
    if (repair == Repair.AUTO) {
      throw new IllegalArgumentException("a strategy has a repair, not the wish for the best one");
    }
  }

  /**
   * A strategy whose channels are compared by their weights. Batch normalisations count as moved
   * into their producers where the weights alone repair, since that is where the repair has them.
   */
  public static Strategy onWeights(Method method, Repair repair, String reason, String obstacle) {
    FeatureSpace features =
        repair == Repair.APPROXIMATE ? FeatureSpace.NORMALISED : FeatureSpace.WEIGHTS;
    return new Strategy(method, features, repair, reason, obstacle);
  }

  /**
   * The best strategy that needs nothing but weights.
   *
   * @param groups the foldable groups
   * @param store the model's tensors
   * @param obstacle what stands in the way of one that fits the network to inputs, empty where
   *     nothing does
   */
  public static Strategy withoutInputs(
      Method method, List<ChannelGroup> groups, TensorStore store, String obstacle) {
    if (!method.merges()) {
      return onWeights(method, Repair.NONE, "pruned channels keep their own statistics", obstacle);
    }
    if (groups.stream().anyMatch(group -> !group.normalizations().isEmpty())) {
      return onWeights(
          method, Repair.APPROXIMATE, "the model has live batch normalisations", obstacle);
    }
    boolean convolutions =
        groups.stream()
            .anyMatch(group -> ApproximateRepair.isUnnormalizedConvolution(group, store));
    return convolutions
        ? onWeights(
            method,
            Repair.APPROXIMATE,
            "the amplitude of merged convolutions can be restored",
            obstacle)
        : onWeights(
            method,
            Repair.NONE,
            "the model has neither batch normalisations nor convolutions to repair",
            obstacle);
  }

  /** The reason, and the obstacle where there is one, in one line. */
  public String explanation() {
    return obstacle.isEmpty() ? reason : "%s (no least squares: %s)".formatted(reason, obstacle);
  }
}
