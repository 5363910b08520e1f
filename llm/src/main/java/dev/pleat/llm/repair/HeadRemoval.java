package dev.pleat.llm.repair;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.llm.run.HiddenStates;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Removes key/value groups of an attention with their query heads: one after the other that group
 * goes without which the sum of what all that went gave to the outputs has the least energy. The
 * output projection is then fitted to what it gave with all of them, and half of what the stream
 * lacks behind it.
 */
final class HeadRemoval {
  private final Streams streams;
  private final int threads;

  /**
   * Removes groups of the layer where the streams stand.
   *
   * @param threads threads to use; the result does not depend on it
   */
  HeadRemoval(Streams streams, int threads) {
    this.streams = streams;
    this.threads = threads;
  }

  /**
   * Removes groups and goes on behind them.
   *
   * @param tensors of the attention; folded ones take their place
   * @param kept groups that stay
   */
  GroupReport remove(ChannelGroup group, TensorStore tensors, int kept) {
    Slot slot = group.slots(Role.CONSUMER).getFirst();
    DownProjection output = DownProjection.of(slot, tensors.read(slot.tensor()));
    HiddenStates original = streams.original().heads();
    float[] scales = PositionScales.of(streams.original().states());
    FunctionalGram gram = FunctionalGram.of(original.scaled(scales), output, threads);
    int[] staying = survivors(gram, slot.channels(), group.width(), kept);
    Clustering clustering = Clustering.keep(staying, group.width());
    Folding.merge(tensors, List.of(group), List.of(clustering));

    int[] columns =
        IntStream.range(0, output.neurons())
            .filter(i -> Arrays.binarySearch(staying, slot.channels()[i]) >= 0)
            .toArray();
    DownProjection plain = output.of(columns);
    HiddenStates read = streams.unfolded().heads();
    DownFit fit =
        new DownFit(
            output,
            read,
            read.columns(columns),
            streams.missingBetween(),
            PositionScales.of(streams.unfolded().states()));
    DownProjection chosen = fit.fit(plain.values());
    tensors.write(slot.tensor(), chosen.tensor(slot));
    streams.foldAttention(
        Map.of(slot.tensor(), chosen.spread(columns, output.neurons()).tensor(slot)));
    OutputError after = fit.error(chosen);
    return new GroupReport(
        group.name(),
        group.width(),
        kept,
        after.objective(),
        after.relative(),
        after.varianceRatio(),
        fit.error(plain).varianceRatio(),
        false,
        "",
        clustering.sizeCounts());
  }

  /**
   * The groups that stay, ascending.
   *
   * @param gram of what the output projection reads
   * @param groupOf the group of each value that it reads
   * @param groups number of groups
   */
  static int[] survivors(FunctionalGram gram, int[] groupOf, int groups, int kept) {
    double[][] products = new double[groups][groups];
    for (int i = 0; i < groupOf.length; i++) {
      for (int j = 0; j < groupOf.length; j++) {
        products[groupOf[i]][groupOf[j]] += gram.get(i, j);
      }
    }
    boolean[] gone = new boolean[groups];
    for (int left = groups; left > kept; left--) {
      int least = -1;
      double energy = Double.POSITIVE_INFINITY;
      for (int g = 0; g < groups; g++) {
        double more = products[g][g];
        for (int h = 0; h < groups; h++) {
          more += gone[h] ? 2 * products[g][h] : 0;
        }
        if (!gone[g] && (least < 0 || more < energy)) {
          least = g;
          energy = more;
        }
      }
      gone[least] = true;
    }
    return IntStream.range(0, groups).filter(g -> !gone[g]).toArray();
  }
}
