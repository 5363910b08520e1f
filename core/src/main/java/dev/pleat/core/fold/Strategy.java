package dev.pleat.core.fold;

import dev.pleat.core.PleatException;
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
 * @param networks of which the model is the union, 1 for a model of its own, as in {@link
 *     FoldOptions}
 */
public record Strategy(
    Method method,
    FeatureSpace features,
    Repair repair,
    String reason,
    String obstacle,
    int networks) {

  /**
   * Checks the repair.
   *
   * @throws IllegalArgumentException when it is still to be chosen
   * @throws PleatException when the method has no use for it
   */
  public Strategy {
    if (repair == Repair.AUTO) {
      throw new IllegalArgumentException("a strategy has a repair, not the wish for the best one");
    }
    check(method, repair);
  }

  /**
   * Checks that a method goes with a repair.
   *
   * @throws PleatException when it does not
   */
  public static void check(Method method, Repair repair) {
    boolean ofMeans = repair == Repair.APPROXIMATE || repair == Repair.LEAST_SQUARES;
    if (method.mixesItsOwnWay() && ofMeans) {
      throw PleatException.naming(
          "%s is for channels that are the mean of a cluster, and %s mixes them its own way; give none, inversion or data",
          repair.setting(), method.setting());
    }
  }

  /** Whether channels are compared by what they do on inputs, layer after layer. */
  public boolean runsFromLayerToLayer() {
    return features == FeatureSpace.FUNCTIONAL;
  }

  /** Whether the layers that read channels are fitted to what the original gave them. */
  public boolean fits() {
    return repair == Repair.LEAST_SQUARES || repair == Repair.SELF;
  }

  /** Whether channels may go instead of merging, which serves where their readers are fitted. */
  public boolean eliminates() {
    return method == Method.FOLD && networks == 1 && fits();
  }

  /** For a model of its own. */
  public Strategy(
      Method method, FeatureSpace features, Repair repair, String reason, String obstacle) {
    this(method, features, repair, reason, obstacle, 1);
  }

  /** The same for the union of some networks, at least 1. */
  public Strategy ofUnion(int count) {
    return new Strategy(method, features, repair, reason, obstacle, count);
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
    if (!method.averages()) {
      return unrepaired(method, obstacle);
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

  /**
   * A method whose channels are no means of clusters, left as it is.
   *
   * @param obstacle what stands in the way of a repair, empty where nothing does
   */
  public static Strategy unrepaired(Method method, String obstacle) {
    String reason =
        method.mixesItsOwnWay()
            ? "the method has its own rule for statistics"
            : "pruned channels keep their own statistics";
    return onWeights(method, Repair.NONE, reason, obstacle);
  }

  /** The reason, and the obstacle where there is one, in one line. */
  public String explanation() {
    return obstacle.isEmpty() ? reason : "%s (no least squares: %s)".formatted(reason, obstacle);
  }
}
