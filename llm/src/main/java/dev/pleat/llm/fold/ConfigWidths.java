package dev.pleat.llm.fold;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.llm.architecture.LayerOverrides;
import dev.pleat.llm.architecture.ModelFacts;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What {@code config.json} has to say of widths. Where layers differ, each field has its largest
 * value, and {@link LayerOverrides} those of the narrower layers.
 *
 * @param largest of all layers, by the path of the field
 * @param changed paths of fields of which a family becomes narrower
 * @param narrower by layer, then by the path of the field
 */
record ConfigWidths(
    Map<String, Integer> largest,
    Set<String> changed,
    Map<Integer, Map<String, Integer>> narrower) {

  /**
   * Gathers the widths.
   *
   * @param widths channels that the groups of each family keep
   * @param cut gives layers their numbers
   */
  static ConfigWidths of(List<WidthFamily> families, int[] widths, LayerCut cut) {
    Map<String, Integer> largest = new LinkedHashMap<>();
    Set<String> changed = new HashSet<>();
    Map<Integer, Map<String, Integer>> layers = new TreeMap<>();
    for (int f = 0; f < widths.length; f++) {
      Map<String, Integer> values = families.get(f).values(widths[f]);
      values.forEach((path, value) -> largest.merge(path, value, Math::max));
      if (widths[f] < families.get(f).width()) {
        changed.addAll(values.keySet());
      }
      for (ChannelGroup group : families.get(f).groups()) {
        int layer = cut.number(WidthFamily.layer(group));
        layers.computeIfAbsent(layer, l -> new TreeMap<>()).putAll(values);
      }
    }
    for (Map<String, Integer> own : layers.values()) {
      own.entrySet().removeIf(field -> field.getValue().equals(largest.get(field.getKey())));
    }
    layers.values().removeIf(Map::isEmpty);
    return new ConfigWidths(largest, changed, layers);
  }

  /** Whether layers differ. */
  boolean isUneven() {
    return !narrower.isEmpty();
  }

  /** The values as JSON, by the path of the field. */
  Map<String, String> texts(ModelFacts facts) {
    boolean layered = isUneven() || facts.fields().has(LayerOverrides.FIELD);
    Map<String, String> texts = new LinkedHashMap<>();
    largest.forEach((path, value) -> {
      if (layered || changed.contains(path)) {
        texts.put(path, Integer.toString(value));
      }
    });
    if (layered) {
      texts.put(facts.path(LayerOverrides.FIELD), overrides());
    }
    return texts;
  }

  private String overrides() {
    return narrower.entrySet().stream()
        .map(layer -> "\n    \"%d\": {%s}".formatted(layer.getKey(), fields(layer.getValue())))
        .collect(Collectors.joining(",", "{", isUneven() ? "\n  }" : "}"));
  }

  private static String fields(Map<String, Integer> own) {
    return own.entrySet().stream()
        .map(e ->
            "\"%s\": %d"
                .formatted(e.getKey().substring(e.getKey().lastIndexOf('.') + 1), e.getValue()))
        .collect(Collectors.joining(", "));
  }
}
