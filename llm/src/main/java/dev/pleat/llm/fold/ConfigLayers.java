package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.llm.architecture.ConfigField;
import dev.pleat.llm.architecture.ModelFacts;
import dev.pleat.llm.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What {@code config.json} has to say of layers once some are removed: their number, and what it
 * says of each.
 */
final class ConfigLayers {
  /** Fields that say of how many layers, counted from the first, something holds. */
  private static final Set<String> FIRST = Set.of("max_window_layers", "first_k_dense_replace");

  /** Fields that list numbers of layers. */
  private static final Set<String> NUMBERS = Set.of("mlp_only_layers");

  /** Fields that say every how many layers something holds; 1, in every layer, stays true. */
  private static final Set<String> PERIODS =
      Set.of(
          "decoder_sparse_step",
          "moe_layer_freq",
          "interleave_moe_layer_step",
          "no_rope_layer_interval",
          "global_attn_every_n_layers",
          "full_attention_interval");

  /** What is divided by the number of a layer, in GPT-2's configuration. */
  private static final String BY_NUMBER = "scale_attn_by_inverse_layer_idx";

  /** Pairs of kinds of layers and how often they repeat, in GPT-Neo's configuration. */
  private static final String REPEATED = "attention_types";

  private final ModelFacts facts;
  private final LayerCut cut;
  private final Map<String, String> texts = new LinkedHashMap<>();

  private ConfigLayers(ModelFacts facts, LayerCut cut) {
    this.facts = facts;
    this.cut = cut;
  }

  /**
   * The values as JSON, by the path of the field; none where all layers stay.
   *
   * @throws PleatException when the configuration says something of layers by their number that
   *     would not hold any more
   */
  static Map<String, String> texts(ModelFacts facts, LayerCut cut) {
    return cut.isNone() ? Map.of() : new ConfigLayers(facts, cut).texts();
  }

  /**
   * Refuses a configuration of which no layer can be removed.
   *
   * @param layers how many there are
   * @throws PleatException as above
   */
  static void requireFree(ModelFacts facts, int layers) {
    if (layers > 1) {
      new ConfigLayers(facts, new LayerCut(layers, List.of(0))).texts();
    }
  }

  private Map<String, String> texts() {
    JsonObject fields = facts.fields();
    Optional<String> types = facts.name(ConfigField.LAYER_TYPES);
    for (String name : fields.names()) {
      Optional<List<String>> list = fields.writtenListOrEmpty(name);
      if (FIRST.contains(name) && fields.isNumber(name)) {
        long first = (long) fields.number(name);
        put(name, IntStream.range(0, cut.before()).filter(l -> l < first && cut.keeps(l)).count());
      } else if (NUMBERS.contains(name) && list.isPresent()) {
        List<Integer> numbers = fields.sizes(name).stream().map(Math::toIntExact).toList();
        put(name, numbers.stream().filter(cut::keeps).map(cut::number).toList());
      } else if (PERIODS.contains(name) && !fields.written(name).equals("1")) {
        throw numbered(name);
      } else if (name.equals(BY_NUMBER) && fields.flagOrEmpty(name).orElse(false)) {
        throw numbered(name);
      } else if (list.isPresent() && list.get().size() == cut.before() && isOfLayers(name, types)) {
        put(name, cut.of(list.get()));
      }
    }
    types.ifPresent(this::types);
    // Last, so that nothing of the same name takes its place.
    put(facts.name(ConfigField.LAYERS).orElseThrow(), cut.after());
    return texts;
  }

  private static boolean isOfLayers(String name, Optional<String> types) {
    return types.equals(Optional.of(name)) || name.contains("layer");
  }

  /** Where attention alternates by a rule that counts layers, each is said to be what it was. */
  private void types(String name) {
    int every = facts.architecture().attention().globalEvery();
    JsonObject fields = facts.fields();
    if (every > 0
        && !fields.has(name)
        && facts.positiveOrEmpty(ConfigField.SLIDING_WINDOW).isPresent()) {
      if (every > 1) {
        put(
            name,
            cut.of(
                IntStream.range(0, cut.before())
                    .mapToObj(
                        l -> (l + 1) % every == 0 ? "\"full_attention\"" : "\"sliding_attention\"")
                    .toList()));
      } else if (fields.has(REPEATED)) {
        throw numbered(REPEATED);
      }
    } else if (fields.has(REPEATED)) {
      put(REPEATED, "[[%s, 1]]".formatted(texts.get(facts.path(name))));
    }
  }

  private PleatException numbered(String name) {
    return new PleatException(
        "%s: field '%s' is %s and says something of layers by their numbers, which would change; leave --layers out"
            .formatted(facts.config().file(), facts.path(name), facts.fields().written(name)));
  }

  private void put(String name, Object value) {
    texts.put(facts.path(name), value.toString());
  }
}
