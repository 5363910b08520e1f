package dev.pleat.llm.fold;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Channel groups that have one width in {@code config.json}: the feed-forward blocks of all layers,
 * or their key/value groups.
 *
 * @param name such as mlp, experts, attention
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
    return new ChannelGroup(name, width, 1, groups.getFirst().partition(), slots, List.of());
  }

  /** The values of the fields for a width. */
  Map<String, Long> values(int kept) {
    Map<String, Long> values = new LinkedHashMap<>();
    for (WidthField field : fields) {
      values.put(field.path, (long) field.perChannel * kept + field.fixed);
    }
    return values;
  }
}
