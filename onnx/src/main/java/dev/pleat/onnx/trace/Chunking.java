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
    if (involved.length != 1 || involved[0].width() != ids.length) {
      for (Members members : involved) {
        members.freeze(chunks.what() + " is grouped, and its chunks hold channels of other kinds");
      }
      return;
    }
    int[] partition = new int[ids.length];
    int size = ids.length / chunks.partitions();
    for (int p = 0; p < ids.length; p++) {
      partition[channelOf[channels.find(ids[p])]] = p / size;
    }
    involved[0].partition(partition, chunks.partitions());
  }
}
