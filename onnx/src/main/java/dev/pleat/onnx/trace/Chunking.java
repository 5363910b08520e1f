package dev.pleat.onnx.trace;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntUnaryOperator;

/**
 * The demand of one grouped layer that channels merge within its chunks only, equally many in each.
 */
final class Chunking {
  private final Tracer.Chunks chunks;
  private final Members[] involved;

  private Chunking(Tracer.Chunks chunks, Members[] involved) {
    this.chunks = chunks;
    this.involved = involved;
  }

  static Chunking of(
      Tracer.Chunks chunks, IntUnaryOperator classOf, Map<Integer, Members> members) {
    Members[] involved =
        Arrays.stream(chunks.label().ids())
            .map(id -> id == Label.FIXED ? -1 : classOf.applyAsInt(id))
            .distinct()
            .mapToObj(members::get)
            .filter(Objects::nonNull)
            .toArray(Members[]::new);
    return new Chunking(chunks, involved);
  }

  /** Partitions the group, or freezes all groups on the axis where they cannot be cut equally. */
  void apply(int[] channelOf, Channels channels) {
    int[] ids = chunks.label().ids();
    boolean whole = Arrays.stream(ids).noneMatch(id -> id == Label.FIXED);
    if (involved.length != 1 || !whole) {
      for (Members members : involved) {
        members.freeze(chunks.what() + " is grouped, and its chunks hold channels of other kinds");
      }
      return;
    }
    int[] partition = new int[involved[0].width()];
    Arrays.fill(partition, -1);
    int size = ids.length / chunks.partitions();
    int[] channelsIn = new int[chunks.partitions()];
    for (int p = 0; p < ids.length; p++) {
      int channel = channelOf[channels.find(ids[p])];
      int chunk = p / size;
      if (partition[channel] < 0) {
        partition[channel] = chunk;
        channelsIn[chunk]++;
      } else if (partition[channel] != chunk) {
        involved[0].freeze(
            chunks.what() + " is grouped, and a channel is in several of its chunks");
        return;
      }
    }
    if (Arrays.stream(channelsIn).distinct().count() > 1) {
      involved[0].freeze(chunks.what() + " is grouped, and its chunks hold unequal channels");
      return;
    }
    involved[0].partition(partition, chunks.partitions());
  }
}
