package dev.pleat.onnx.repair;

import dev.pleat.core.group.Slot;
import java.util.List;
import java.util.Optional;

/** A place in the network where a repair measures and changes something. */
sealed interface Station {

  /** Index of the node in topological order. */
  int node();

  /** How messages call the node. */
  String layer();

  /** The channels that it makes or reads. */
  FoldedAxis channels();

  /** The uses whose values a repair may change here. */
  List<String> changes();

  /** Whether any of these were folded. */
  default boolean isNarrowed() {
    return channels().size() < channels().length();
  }

  /**
   * A layer with a weight that reads channels.
   *
   * @param value the activation that it reads
   * @param axis the activation's channel axis, from the back when negative
   * @param weight name of the weight's use
   * @param weightAxis the weight's axis that reads
   * @param partitions chunks of the weight's axis 0, which read one chunk of the channels each
   * @param channels the channels that it reads
   * @param centred whether something behind the layer sets the mean of what it gives
   */
  record Consumer(
      int node,
      String layer,
      String value,
      int axis,
      String weight,
      int weightAxis,
      int partitions,
      FoldedAxis channels,
      boolean centred)
      implements Station {

    @Override
    public List<String> changes() {
      return List.of(weight);
    }

    Consumer withCentred(boolean other) {
      return new Consumer(
          node, layer, value, axis, weight, weightAxis, partitions, channels, other);
    }
  }

  /**
   * A live batch normalisation.
   *
   * @param value the activation that it normalises, along axis 1
   * @param mean name of the use of its running mean
   * @param variance name of the use of its running variance
   * @param originalMean where that has its values from, in the original
   * @param originalVariance where that has its values from, in the original
   * @param epsilon added to the variance
   * @param channels its channels
   * @param groups the group that each folded channel belongs to, −1 for none
   */
  record Statistics(
      int node,
      String layer,
      String value,
      String mean,
      String variance,
      String originalMean,
      String originalVariance,
      double epsilon,
      FoldedAxis channels,
      int[] groups)
      implements Station {

    @Override
    public List<String> changes() {
      return List.of(mean, variance);
    }
  }

  /**
   * A layer that adds a bias, with no normalisation behind it.
   *
   * @param value the activation that it makes
   * @param axis the activation's channel axis, from the back when negative
   * @param bias name of the bias's use
   * @param weight the rows that make the channels, where these may be rescaled
   * @param channels the channels that it makes
   * @param groups the group that each folded channel belongs to, −1 for none
   */
  record Bias(
      int node,
      String layer,
      String value,
      int axis,
      String bias,
      Optional<Slot> weight,
      FoldedAxis channels,
      int[] groups)
      implements Station {

    @Override
    public List<String> changes() {
      return weight.map(rows -> List.of(bias, rows.tensor())).orElseGet(() -> List.of(bias));
    }
  }
}
