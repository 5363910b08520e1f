package dev.pleat.llm.architecture;

import dev.pleat.core.PleatException;
import dev.pleat.llm.config.ModelConfig;
import dev.pleat.llm.json.JsonObject;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;

/**
 * What a model's {@code config.json} says, looked up as its description tells. Defaults of the
 * description stand in for absent fields.
 */
public final class ModelFacts {
  /** A hundred times those of the widest model there is. */
  private static final int MOST_CHANNELS = 1 << 22;

  private final Architecture architecture;
  private final ModelConfig config;
  private final String section;
  private final JsonObject fields;
  private final LayerOverrides overrides;

  /**
   * Pairs a description with a configuration.
   *
   * @throws PleatException when the section that holds the fields is missing, or single layers
   *     differ in more than their feed-forward widths
   */
  public ModelFacts(Architecture architecture, ModelConfig config) {
    this.architecture = architecture;
    this.config = config;
    this.section = architecture.configSections().getOrDefault(config.modelType(), "");
    this.fields = section.isEmpty() ? config.fields() : config.fields().object(section);
    Set<String> widths = new TreeSet<>();
    architecture.feedForwards().forEach(block -> widths.add(block.width()));
    this.overrides = LayerOverrides.read(fields, widths);
  }

  /** The description. */
  public Architecture architecture() {
    return architecture;
  }

  /** The configuration. */
  public ModelConfig config() {
    return config;
  }

  /** The part of the configuration that holds the fields. */
  public JsonObject fields() {
    return fields;
  }

  /** The path of a field from the root of {@code config.json}. */
  public String path(String field) {
    return section.isEmpty() ? field : section + "." + field;
  }

  /** Whether the family has such a fact. */
  public boolean knows(ConfigField field) {
    return architecture.fields().containsKey(field);
  }

  /** The name of the field that holds a fact, or would hold it if it were present. */
  public Optional<String> name(ConfigField field) {
    return Optional.ofNullable(architecture.fields().get(field))
        .map(source ->
            source.names().stream()
                .filter(fields::has)
                .findFirst()
                .orElse(source.names().getFirst()));
  }

  /**
   * An integer of at least 1.
   *
   * @throws PleatException when the field is absent without a default, or anything else
   */
  public int positive(ConfigField field) {
    return required(field, positiveOrEmpty(field));
  }

  /** An integer of at least 1, empty when absent without a default. */
  public Optional<Integer> positiveOrEmpty(ConfigField field) {
    return value(field, JsonObject::positiveOrEmpty);
  }

  /**
   * A number.
   *
   * @throws PleatException when the field is absent without a default, or anything else
   */
  public double number(ConfigField field) {
    return required(field, numberOrEmpty(field));
  }

  /** A number, empty when absent without a default. */
  public Optional<Double> numberOrEmpty(ConfigField field) {
    return value(field, JsonObject::numberOrEmpty);
  }

  /**
   * A text.
   *
   * @throws PleatException when the field is absent without a default, or anything else
   */
  public String text(ConfigField field) {
    return required(field, value(field, JsonObject::textOrEmpty));
  }

  /** True or false; false when absent without a default. */
  public boolean flag(ConfigField field) {
    return value(field, JsonObject::flagOrEmpty).orElse(false);
  }

  /**
   * The number of neurons of a feed-forward block in one layer.
   *
   * @throws PleatException when it is neither given nor has a default
   */
  public int width(FeedForwardDescription block, int layer) {
    return plausible(
        block.width(),
        overrides.of(layer, block.width()).map(Integer::longValue).orElseGet(() -> width(block)));
  }

  private long width(FeedForwardDescription block) {
    if (block.defaultWidth() > 0 && !fields.has(block.width())) {
      return (long) block.defaultWidth() * positive(ConfigField.HIDDEN_SIZE);
    }
    return fields.positive(block.width());
  }

  /**
   * Refuses a number of channels for which memory would be asked before any tensor is looked at.
   */
  private int plausible(String field, long channels) {
    if (channels > MOST_CHANNELS) {
      throw new PleatException(
          "%s: field '%s' leads to %d channels in one layer, expected at most %d; it is no model's"
              .formatted(config.file(), path(field), channels, MOST_CHANNELS));
    }
    return (int) channels;
  }

  /** The number of experts of a feed-forward block, 1 where it has no such field. */
  public int experts(FeedForwardDescription block) {
    if (!block.isRouted()) {
      return 1;
    }
    return fields.positive(
        block.experts().stream()
            .filter(fields::has)
            .findFirst()
            .orElse(block.experts().getFirst()));
  }

  /**
   * The sizes of the attention.
   *
   * @throws PleatException when they do not fit each other
   */
  public HeadSizes heads() {
    int hidden = positive(ConfigField.HIDDEN_SIZE);
    int query = positive(ConfigField.QUERY_HEADS);
    int keyValue = positiveOrEmpty(ConfigField.KEY_VALUE_HEADS).orElse(query);
    if (query % keyValue != 0) {
      throw new PleatException(
          "%s: %d query heads cannot share %d key/value heads equally, expected a multiple"
              .formatted(config.file(), query, keyValue));
    }
    Optional<Integer> width = positiveOrEmpty(ConfigField.HEAD_DIM);
    if (width.isEmpty() && hidden % query != 0) {
      throw new PleatException(
          "%s: %d query heads do not divide the hidden size %d and no head width is given"
              .formatted(config.file(), query, hidden));
    }
    HeadSizes sizes = new HeadSizes(query, keyValue, width.orElse(hidden / query));
    // Queries, keys and values may lie in one matrix.
    plausible(name(ConfigField.QUERY_HEADS).orElse(""), 3L * query * sizes.width());
    return sizes;
  }

  /**
   * The sizes of the attention.
   *
   * @param query number of query heads
   * @param keyValue number of key/value heads, a divisor of the query heads
   * @param width of one head
   */
  public record HeadSizes(int query, int keyValue, int width) {
    /** Query heads that share one key/value head. */
    public int perGroup() {
      return query / keyValue;
    }
  }

  private <T> Optional<T> value(
      ConfigField field, BiFunction<JsonObject, String, Optional<T>> get) {
    FieldSource source = architecture.fields().get(field);
    if (source == null) {
      return Optional.empty();
    }
    for (String name : source.names()) {
      Optional<T> value = get.apply(fields, name);
      if (value.isPresent()) {
        return value;
      }
    }
    return get.apply(source.description(), FieldSource.DEFAULT);
  }

  private <T> T required(ConfigField field, Optional<T> value) {
    return value.orElseThrow(() ->
        new PleatException(
            "%s: field '%s' is missing; complete the configuration"
                .formatted(config.file(), path(name(field).orElse(field.key())))));
  }
}
