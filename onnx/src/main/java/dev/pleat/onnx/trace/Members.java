package dev.pleat.onnx.trace;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Normalization;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
   * Narrows the partition to chunks that a grouped layer asks for; the finer of two contains both.
   */
  void partition(int[] other, int count) {
    boolean finer = count > partitions;
    int[] fine = finer ? other : partition;
    int[] coarse = finer ? partition : other;
    if (partitions > 1) {
      int[] parent = new int[Math.max(count, partitions)];
      Arrays.fill(parent, -1);
      for (int i = 0; i < fine.length; i++) {
        if (parent[fine[i]] >= 0 && parent[fine[i]] != coarse[i]) {
          freeze("grouped layers cut its channels in different ways");
        }
        parent[fine[i]] = coarse[i];
      }
    }
    partition = fine;
    partitions = Math.max(count, partitions);
  }

  ChannelGroup group(String name, List<Normalization> normalizations) {
    int[] sets = partitions == 1 ? new int[width()] : partition;
    List<Slot> ordered = new ArrayList<>(slots);
    ordered.sort(java.util.Comparator.comparing(Slot::role));
    return new ChannelGroup(name, width(), partitions, sets, ordered, normalizations, kind);
  }
}
