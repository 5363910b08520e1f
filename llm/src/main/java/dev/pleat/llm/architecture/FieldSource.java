package dev.pleat.llm.architecture;

import dev.pleat.llm.json.JsonObject;
import java.util.List;

/**
 * Where a fact is found in {@code config.json}.
 *
 * @param names of the field, the first that is present counts; may be paths with dots
 * @param description holds the {@code default} for when none is present, if there is one
 */
public record FieldSource(List<String> names, JsonObject description) {
  /** The field of the description with the value of an absent field. */
  public static final String DEFAULT = "default";

  /** Copies the list. */
  public FieldSource {
    names = List.copyOf(names);
  }
}
