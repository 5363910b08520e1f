package dev.pleat.llm.architecture;

import dev.pleat.core.PleatException;
import dev.pleat.llm.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What single layers have otherwise than the rest of the configuration says: the object {@code
 * per_layer_config} of transformers 5.15 and later, such as {@code {"3": {"intermediate_size":
 * 128}}}.
 *
 * @param values by layer from 0, then by field
 */
public record LayerOverrides(Map<Integer, Map<String, Integer>> values) {
  /** The name of the field. */
  public static final String FIELD = "per_layer_config";

  /**
   * Reads them.
   *
   * @param fields hold the object, or do not
   * @param known fields that may differ
   * @throws PleatException when the object has another form, or other fields differ
   */
  static LayerOverrides read(JsonObject fields, Set<String> known) {
    Map<Integer, Map<String, Integer>> values = new TreeMap<>();
    Optional<JsonObject> all = fields.objectOrEmpty(FIELD);
    for (String layer : all.map(JsonObject::names).orElse(List.of())) {
      JsonObject own = all.orElseThrow().object(layer);
      if (!layer.matches("0|[1-9][0-9]{0,5}")) {
        throw fields.error(
            FIELD, "names the layer '%s', expected a number from 0".formatted(layer));
      }
      Map<String, Integer> found = new TreeMap<>();
      for (String name : own.names()) {
        if (!known.contains(name)) {
          throw own.error(
              name, "differs between layers, which Pleat knows only of %s".formatted(known));
        }
        found.put(name, own.positive(name));
      }
      values.put(Integer.parseInt(layer), found);
    }
    return new LayerOverrides(values);
  }

  /** What one layer has of its own. */
  Optional<Integer> of(int layer, String field) {
    return Optional.ofNullable(values.getOrDefault(layer, Map.of()).get(field));
  }
}
