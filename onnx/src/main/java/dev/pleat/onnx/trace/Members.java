package dev.pleat.onnx.trace;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Normalization;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A group in the making: its channels, slots, partition and why it is frozen, if it is. */
final class Members {
  private final List<Integer> roots = new ArrayList<>();
  private final List<Slot> slots = new ArrayList<>();
  private final ChannelGroup.Kind kind;
  private String reason;
  private int[] partition = new int[0];
  private int partitions = 1;

  Members(String reason, ChannelGroup.Kind kind) {
    this.reason = reason;
    this.kind = kind;
  }

  void add(int root) {
    roots.add(root);
  }

  void add(Slot slot) {
    slots.add(slot);
  }

  void number(int[] channelOf) {
    for (int i = 0; i < roots.size(); i++) {
      channelOf[roots.get(i)] = i;
    }
  }

  int width() {
    return roots.size();
  }

  List<Slot> slots() {
    return slots;
  }

  /** Whether several positions of an axis are one channel. */
  boolean isTied() {
    return slots.stream().anyMatch(slot -> slot.occurrences(width()) > 1);
  }

  String reason() {
    boolean read = slots.stream().anyMatch(slot -> slot.role() == Role.CONSUMER);
    if (reason.isEmpty() && width() == 1) {
      return "all of its positions are one channel";
    }
    return reason.isEmpty() && !read ? "no layer with constant weights reads it" : reason;
  }

  void freeze(String why) {
    if (reason.isEmpty()) {
      reason = why;
    }
  }

  int firstNode(Tracer tracer) {
    return slots.stream()
        .filter(slot -> slot.role() == Role.PRODUCER)
        .mapToInt(slot -> tracer.use(slot.tensor()).edge().node())
        .min()
        .orElse(0);
  }

  /**
   * Narrows the partition to chunks that a grouped layer asks for: channels may merge that share a
   * chunk of every such layer. Where those sets are equally large, an equal share of each leaves
   * every layer's chunks equal.
   *
   * @param chunk chunk of each channel, in [0, count)
   */
  void partition(int[] chunk, int count) {
    int[] known = partitions == 1 ? new int[width()] : partition;
    Map<Long, Integer> cells = new LinkedHashMap<>();
    int[] narrowed = new int[width()];
    int[] sizes = new int[width()];
    for (int i = 0; i < narrowed.length; i++) {
      long cell = (long) known[i] * count + chunk[i];
      narrowed[i] = cells.computeIfAbsent(cell, c -> cells.size());
      sizes[narrowed[i]]++;
    }
    if (Arrays.stream(sizes).limit(cells.size()).distinct().count() > 1) {
      freeze("grouped layers cut its channels into parts of unequal size");
      return;
    }
    partition = narrowed;
    partitions = cells.size();
  }

  ChannelGroup group(String name, List<Normalization> normalizations) {
    int[] sets = partitions == 1 ? new int[width()] : partition;
    List<Slot> ordered = new ArrayList<>(slots);
    ordered.sort(java.util.Comparator.comparing(Slot::role));
    return new ChannelGroup(name, width(), partitions, sets, ordered, normalizations, kind);
  }
}
