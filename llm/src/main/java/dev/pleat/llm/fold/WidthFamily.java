package dev.pleat.llm.fold;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Channel groups that have one width in {@code config.json}: the feed-forward blocks of all layers
 * or of one, or the key/value groups of all.
 *
 * @param name such as mlp, experts, attention, layers.3.mlp
 * @param width channels of each group
 * @param groups the groups by layer, at least one
 * @param fields what of {@code config.json} depends on the width
 */
record WidthFamily(String name, int width, List<ChannelGroup> groups, List<WidthField> fields) {

  /**
   * A number in {@code config.json}: {@code perChannel·width + fixed}.
   *
   * @param path of the field
   */
  record WidthField(String path, int perChannel, int fixed) {}

  WidthFamily {
    groups = List.copyOf(groups);
    fields = List.copyOf(fields);
  }

  /** All groups as one, for planning widths that are the same everywhere. */
  ChannelGroup whole() {
    List<Slot> slots = new ArrayList<>();
    groups.forEach(group -> slots.addAll(group.slots()));
    ChannelGroup first = groups.getFirst();
    return new ChannelGroup(name, width, 1, first.partition(), slots, List.of(), first.kind());
  }

  /** The same with other groups. */
  WidthFamily with(List<ChannelGroup> others) {
    return new WidthFamily(name, width, others, fields);
  }

  /** A family for each layer, named by it. */
  List<WidthFamily> byLayer() {
    Map<Integer, List<ChannelGroup>> layers = new TreeMap<>();
    for (ChannelGroup group : groups) {
      layers.computeIfAbsent(layer(group), layer -> new ArrayList<>()).add(group);
    }
    return layers.entrySet().stream()
        .map(layer ->
            new WidthFamily(
                "layers.%d.%s".formatted(layer.getKey(), name),
                layer.getValue().getFirst().width(),
                layer.getValue(),
                fields))
        .toList();
  }

  /** The layer of a group, from its name. */
  static int layer(ChannelGroup group) {
    int from = "layers.".length();
    return Integer.parseInt(group.name().substring(from, group.name().indexOf('.', from)));
  }

  /** Whether these are key/value groups. */
  boolean isAttention() {
    return name.equals(CheckpointGroups.ATTENTION);
  }

  /** The values of the fields for a width. */
  Map<String, Integer> values(int kept) {
    Map<String, Integer> values = new LinkedHashMap<>();
    for (WidthField field : fields) {
      values.put(
          field.path, Math.addExact(Math.multiplyExact(field.perChannel, kept), field.fixed));
    }
    return values;
  }
}
