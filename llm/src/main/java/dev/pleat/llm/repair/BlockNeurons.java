package dev.pleat.llm.repair;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.llm.blueprint.Blueprint;
import dev.pleat.llm.blueprint.FeedForward;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LayerWalk;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Where the neurons of a feed-forward block are found in a run of its layer.
 *
 * @param layer its layer
 * @param expert its number among the layer's routed experts, empty when every position takes it
 * @param down the slot of its down projection
 */
record BlockNeurons(int layer, OptionalInt expert, Slot down) {
  private static final float LONG = 2;

  /**
   * Finds the block of a group.
   *
   * @throws IllegalArgumentException when the model has no such block
   */
  static BlockNeurons of(ChannelGroup group, Blueprint blueprint) {
    Slot down = group.slots(Role.CONSUMER).getFirst();
    for (int layer = 0; layer < blueprint.layers().size(); layer++) {
      switch (blueprint.layers().get(layer).feedForward()) {
        case FeedForward.Dense dense -> {
          if (isOf(dense, down)) {
            return new BlockNeurons(layer, OptionalInt.empty(), down);
          }
        }
        case FeedForward.Mixture mixture -> {
          if (mixture.shared().filter(shared -> isOf(shared, down)).isPresent()) {
            return new BlockNeurons(layer, OptionalInt.empty(), down);
          }
          for (int e = 0; e < mixture.experts().size(); e++) {
            if (isOf(mixture.experts().get(e), down)) {
              return new BlockNeurons(layer, OptionalInt.of(e), down);
            }
          }
        }
      }
    }
    throw new IllegalArgumentException("no feed-forward block reads " + down);
  }

  private static boolean isOf(FeedForward.Dense block, Slot down) {
    return block.down().weight().equals(down.tensor());
  }

  /** What its down projection read, at the positions that take the block. */
  HiddenStates neurons(LayerWalk.Passed passed) {
    return expert.isPresent()
        ? passed.experts().get(expert.getAsInt()).neurons()
        : passed.neurons().orElseThrow();
  }

  /** The same, each position times its {@link #scales}. */
  HiddenStates weighted(LayerWalk.Passed passed) {
    return neurons(passed).scaled(scales(passed));
  }

  /**
   * What an error at each of these positions is to be multiplied with: 1, and less where the
   * residual stream is more than {@value #LONG} times as long as usual. Whatever reads the stream
   * reads it normalised, and the first token of a text, where it can be a hundred times as long as
   * elsewhere, would outweigh all others.
   */
  float[] scales(LayerWalk.Passed passed) {
    float[] lengths = passed.states().lengths();
    float[] sorted = lengths.clone();
    Arrays.sort(sorted);
    float most = LONG * sorted[sorted.length / 2];
    float[] scales = new float[neurons(passed).rows()];
    for (int p = 0; p < scales.length; p++) {
      float length =
          expert.isPresent()
              ? lengths[(int) passed.experts().get(expert.getAsInt()).rows()[p]]
              : lengths[p];
      scales[p] = length > most ? most / length : 1;
    }
    return scales;
  }
}
