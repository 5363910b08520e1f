package dev.pleat.llm.architecture;

import dev.pleat.llm.json.JsonFiles;
import dev.pleat.llm.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads descriptions. Fields are those of the records in snake case; {@code llama.json} and its
 * neighbours are the examples. A field that is not known is refused.
 */
final class ArchitectureReader {
  private static final int DEPTH = 8;

  private ArchitectureReader() {}

  /**
   * Reads a description.
   *
   * @param where names the source in messages
   * @throws dev.pleat.core.PleatException when it is not a complete description
   */
  static Architecture read(String where, byte[] json) {
    JsonObject root = JsonFiles.object(where, json, DEPTH);
    root.allow(
        Set.of(
            "family",
            "model_types",
            "config_sections",
            "fields",
            "assumes",
            "prefixes",
            "layout",
            "embedding",
            "layer",
            "norms",
            "attention",
            "feed_forward",
            "output"));
    String layer = root.text("layer");
    if (!layer.contains("{layer}")) {
      throw root.error("layer", "is '%s', expected {layer} in it".formatted(layer));
    }
    return new Architecture(
        root.text("family"),
        root.texts("model_types"),
        sections(root),
        fields(root.object("fields")),
        assumes(root),
        prefixes(root),
        choice(root, "layout", Architecture.Layout.class, Architecture.Layout.OUT_IN),
        embedding(root.object("embedding")),
        layer,
        norms(root.object("norms")),
        attention(root),
        root.objects("feed_forward").stream().map(ArchitectureReader::feedForward).toList(),
        output(root.object("output")));
  }

  private static Map<String, String> sections(JsonObject root) {
    Map<String, String> sections = new LinkedHashMap<>();
    root.objectOrEmpty("config_sections")
        .ifPresent(all -> all.names().forEach(type -> sections.put(type, all.text(type))));
    return sections;
  }

  private static Map<ConfigField, FieldSource> fields(JsonObject fields) {
    Map<String, ConfigField> known =
        Arrays.stream(ConfigField.values()).collect(Collectors.toMap(ConfigField::key, f -> f));
    fields.allow(known.keySet());
    Map<ConfigField, FieldSource> sources = new EnumMap<>(ConfigField.class);
    for (String key : fields.names()) {
      JsonObject source = fields.object(key);
      source.allow(Set.of("name", FieldSource.DEFAULT));
      List<String> names =
          source.isText("name") ? List.of(source.text("name")) : source.texts("name");
      sources.put(known.get(key), new FieldSource(names, source));
    }
    for (ConfigField required :
        List.of(ConfigField.HIDDEN_SIZE, ConfigField.LAYERS, ConfigField.QUERY_HEADS)) {
      if (!sources.containsKey(required)) {
        throw fields.error(required.key(), "is missing, expected the name of a config field");
      }
    }
    return sources;
  }

  private static Map<String, String> assumes(JsonObject root) {
    Map<String, String> assumes = new LinkedHashMap<>();
    root.objectOrEmpty("assumes")
        .ifPresent(all -> all.names().forEach(name -> assumes.put(name, all.written(name))));
    return assumes;
  }

  private static List<String> prefixes(JsonObject root) {
    Set<String> prefixes = new LinkedHashSet<>(root.textsOrEmpty("prefixes").orElse(List.of()));
    prefixes.remove("");
    List<String> all = new ArrayList<>(prefixes);
    all.add("");
    return all;
  }

  private static EmbeddingDescription embedding(JsonObject embedding) {
    embedding.allow(
        Set.of("tokens", "scaled", "positions", "position_offset", "token_types", "norm"));
    return new EmbeddingDescription(
        embedding.text("tokens"),
        embedding.flagOrEmpty("scaled").orElse(false),
        embedding.textOrEmpty("positions"),
        embedding.positiveOrEmpty("position_offset").orElse(0),
        embedding.textOrEmpty("token_types"),
        embedding.textOrEmpty("norm"));
  }

  private static NormDescriptions norms(JsonObject norms) {
    norms.allow(
        Set.of(
            "kind",
            "offset",
            "attention_input",
            "attention_output",
            "attention_residual",
            "feed_forward_input",
            "feed_forward_output",
            "feed_forward_residual"));
    return new NormDescriptions(
        choice(norms, "kind", NormDescriptions.Kind.class, NormDescriptions.Kind.RMS),
        norms.numberOrEmpty("offset").orElse(0.0),
        norms.textOrEmpty("attention_input"),
        norms.textOrEmpty("attention_output"),
        norms.textOrEmpty("attention_residual"),
        norms.textOrEmpty("feed_forward_input"),
        norms.textOrEmpty("feed_forward_output"),
        norms.textOrEmpty("feed_forward_residual"));
  }

  private static AttentionDescription attention(JsonObject root) {
    JsonObject attention = root.object("attention");
    attention.allow(
        Set.of(
            "query",
            "key",
            "value",
            "fused",
            "fused_order",
            "output",
            "query_norm",
            "key_norm",
            "causal",
            "global_every",
            "rotary_pairs",
            "heads_fixed",
            "heads_divide_hidden_size"));
    AttentionDescription.Projections projections =
        attention.has("fused")
            ? new AttentionDescription.Projections.Fused(
                attention.text("fused"),
                choice(
                    attention,
                    "fused_order",
                    AttentionDescription.Order.class,
                    AttentionDescription.Order.BLOCKS))
            : new AttentionDescription.Projections.Separate(
                attention.text("query"), attention.text("key"), attention.text("value"));
    Optional<String> fixed = attention.textOrEmpty("heads_fixed");
    JsonObject fields = root.object("fields");
    if (fixed.isEmpty() && !(fields.has("head_dim") && fields.has("key_value_heads"))) {
      throw attention.error(
          "heads_fixed",
          "is missing, expected the reason why heads cannot fold, or the fields head_dim and key_value_heads");
    }
    return new AttentionDescription(
        projections,
        attention.text("output"),
        attention.textOrEmpty("query_norm"),
        attention.textOrEmpty("key_norm"),
        attention.flagOrEmpty("causal").orElse(true),
        attention.positiveOrEmpty("global_every").orElse(0),
        choice(
            attention,
            "rotary_pairs",
            AttentionDescription.RotaryPairs.class,
            AttentionDescription.RotaryPairs.HALVES),
        fixed.isPresent()
            ? new AttentionDescription.Heads.Fixed(fixed.get())
            : new AttentionDescription.Heads.Free(
                attention.flagOrEmpty("heads_divide_hidden_size").orElse(false)));
  }

  private static FeedForwardDescription feedForward(JsonObject block) {
    block.allow(
        Set.of(
            "name",
            "width",
            "width_per_hidden_size",
            "gate",
            "up",
            "gate_up",
            "down",
            "experts",
            "router",
            "output_gate"));
    FeedForwardDescription.Projections projections;
    if (block.has("gate_up")) {
      projections = new FeedForwardDescription.Projections.Fused(block.text("gate_up"));
    } else if (block.has("gate")) {
      projections =
          new FeedForwardDescription.Projections.Gated(block.text("gate"), block.text("up"));
    } else {
      projections = new FeedForwardDescription.Projections.Plain(block.text("up"));
    }
    if (block.has("experts") != block.text("down").contains("{expert}")) {
      throw block.error(
          "down", "and 'experts' must go together: {expert} in the names, or no experts");
    }
    return new FeedForwardDescription(
        block.text("name"),
        block.text("width"),
        block.positiveOrEmpty("width_per_hidden_size").orElse(0),
        projections,
        block.text("down"),
        block.isList("experts")
            ? block.texts("experts")
            : block.textOrEmpty("experts").stream().toList(),
        block.textOrEmpty("router"),
        block.textOrEmpty("output_gate"));
  }

  private static Output output(JsonObject output) {
    output.allow(Set.of("norm", "linear"));
    return new Output(output.textOrEmpty("norm"), output.textOrEmpty("linear"));
  }

  private static <E extends Enum<E>> E choice(
      JsonObject object, String field, Class<E> type, E otherwise) {
    Optional<String> text = object.textOrEmpty(field);
    if (text.isEmpty()) {
      return otherwise;
    }
    for (E constant : type.getEnumConstants()) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(text.get())) {
        return constant;
      }
    }
    throw object.error(
        field,
        "is '%s', expected one of %s"
            .formatted(
                text.get(),
                Arrays.stream(type.getEnumConstants())
                    .map(c -> c.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", "))));
  }
}
