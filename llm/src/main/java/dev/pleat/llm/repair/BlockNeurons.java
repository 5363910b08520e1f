package dev.pleat.llm.repair;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.llm.blueprint.Blueprint;
import dev.pleat.llm.blueprint.FeedForward;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LayerWalk;
import java.util.OptionalInt;

/**
 * Where the neurons of a feed-forward block are found in a run of its layer.
 *
 * @param layer its layer
 * @param expert its number among the layer's routed experts, empty when every position takes it
 * @param down the slot of its down projection
 */
record BlockNeurons(int layer, OptionalInt expert, Slot down) {

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

  /** {@link PositionScales} of these positions. */
  float[] scales(LayerWalk.Passed passed) {
    float[] all = PositionScales.of(passed.states());
    if (expert.isEmpty()) {
      return all;
    }
    long[] rows = passed.experts().get(expert.getAsInt()).rows();
    float[] chosen = new float[rows.length];
    for (int p = 0; p < chosen.length; p++) {
      chosen[p] = all[(int) rows[p]];
    }
    return chosen;
  }
}
