package dev.pleat.llm.fold;

import dev.pleat.llm.architecture.AttentionDescription;
import dev.pleat.llm.architecture.ModelFacts.HeadSizes;
import java.util.Arrays;

/**
 * Which key/value group each row of an attention projection belongs to. A group keeps its query
 * heads together, and the rows of a head keep their order, so that merging never mixes two rotary
 * frequencies.
 */
record HeadChannels(HeadSizes sizes) {

  /** Rows of the queries, and columns of the output projection. */
  int[] queries() {
    return blocks(sizes.query(), sizes.perGroup() * sizes.width());
  }

  /** Rows of the keys, and those of the values. */
  int[] keys() {
    return blocks(sizes.keyValue(), sizes.width());
  }

  /** Rows of a projection that makes all three. */
  int[] fused(AttentionDescription.Order order) {
    return switch (order) {
      case HEADS ->
          blocks(sizes.query() + 2 * sizes.keyValue(), (sizes.perGroup() + 2) * sizes.width());
      case BLOCKS -> {
        int[] queries = queries();
        int[] keys = keys();
        int[] all = Arrays.copyOf(queries, queries.length + 2 * keys.length);
        System.arraycopy(keys, 0, all, queries.length, keys.length);
        System.arraycopy(keys, 0, all, queries.length + keys.length, keys.length);
        yield all;
      }
    };
  }

  private int[] blocks(int heads, int perChannel) {
    int[] channels = new int[Math.multiplyExact(heads, sizes.width())];
    Arrays.setAll(channels, row -> row / perChannel);
    return channels;
  }
}
