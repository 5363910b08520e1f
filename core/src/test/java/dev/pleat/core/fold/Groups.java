package dev.pleat.core.fold;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Normalization;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import java.util.List;
import java.util.stream.IntStream;

/** Made-up channel groups. */
final class Groups {
  private Groups() {}

  /** Position p of the axis is channel p. */
  static Slot slot(String tensor, int axis, Role role, int width) {
    return new Slot(tensor, axis, role, IntStream.range(0, width).toArray(), 1);
  }

  /** Channels that may all merge with each other. */
  static ChannelGroup group(String name, int width, Slot... slots) {
    return group(name, width, ChannelGroup.Kind.UNIT, List.of(), slots);
  }

  static ChannelGroup normalized(
      String name, int width, Normalization normalization, Slot... slots) {
    return group(name, width, ChannelGroup.Kind.UNIT, List.of(normalization), slots);
  }

  static ChannelGroup heads(String name, int width, Slot... slots) {
    return group(name, width, ChannelGroup.Kind.HEAD, List.of(), slots);
  }

  private static ChannelGroup group(
      String name,
      int width,
      ChannelGroup.Kind kind,
      List<Normalization> normalizations,
      Slot... slots) {
    return new ChannelGroup(name, width, 1, new int[width], List.of(slots), normalizations, kind);
  }

  /** Channels in sets of equal size, one after the other, that may not merge across. */
  static ChannelGroup partitioned(String name, int width, int partitions, Slot... slots) {
    int each = width / partitions;
    return new ChannelGroup(
        name,
        width,
        partitions,
        IntStream.range(0, width).map(i -> i / each).toArray(),
        List.of(slots),
        List.of(),
        ChannelGroup.Kind.UNIT);
  }
}
