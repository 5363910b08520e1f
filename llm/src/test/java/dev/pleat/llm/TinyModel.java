package dev.pleat.llm;

import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.Architecture.Layout;
import dev.pleat.llm.architecture.Architectures;
import dev.pleat.llm.architecture.AttentionDescription;
import dev.pleat.llm.architecture.ConfigField;
import dev.pleat.llm.architecture.FeedForwardDescription;
import dev.pleat.llm.architecture.NormDescriptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A random model of a family, small enough for a test. Values are multiples of 1/64, which every
 * element type holds exactly.
 *
 * @param architecture the family
 * @param config fields of config.json
 * @param tensors by name, in the order of the file
 */
public record TinyModel(
    Architecture architecture, Map<String, Object> config, Map<String, Tensor> tensors) {
  public static final int HIDDEN = 24;
  public static final int LAYERS = 2;
  public static final int NEURONS = 6;
  public static final int EXPERTS = 3;
  public static final int HEAD_DIM = 6;
  public static final int GROUPS = 2;
  public static final int QUERIES = 4;
  public static final int VOCABULARY = 32;
  public static final int CONTEXT = 16;

  /** A model of a family, under one of its model types, with or without prefixed names. */
  public static TinyModel random(
      Architecture architecture, String type, boolean prefixed, long seed) {
    return new Maker(architecture, type, prefixed, new SplittableRandom(seed)).make();
  }

  /** A llama. */
  public static TinyModel llama(long seed) {
    Architecture llama =
        Architectures.bundled().stream()
            .filter(a -> a.family().equals("llama"))
            .findFirst()
            .orElseThrow();
    return random(llama, "llama", false, seed);
  }

  /** Key/value groups of the attention; those of a family without grouping are single heads. */
  public static int groups(Architecture architecture) {
    return architecture.fields().containsKey(ConfigField.KEY_VALUE_HEADS) ? GROUPS : QUERIES;
  }

  /** The tensor of this name. */
  public Tensor tensor(String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  /** The field of config.json that holds a fact. */
  public static String field(Architecture architecture, ConfigField field) {
    return Objects.requireNonNull(architecture.fields().get(field)).names().getFirst();
  }

  private static final class Maker {
    private final Architecture architecture;
    private final String type;
    private final String prefix;
    private final SplittableRandom random;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    Maker(Architecture architecture, String type, boolean prefixed, SplittableRandom random) {
      this.architecture = architecture;
      this.type = type;
      this.prefix = prefixed ? architecture.prefixes().getFirst() : "";
      this.random = random;
    }

    TinyModel make() {
      add(architecture.embedding().tokens() + ".weight", VOCABULARY, HIDDEN);
      int places = CONTEXT + architecture.embedding().positionOffset();
      architecture.embedding().positions().ifPresent(p -> add(p + ".weight", places, HIDDEN));
      architecture.embedding().tokenTypes().ifPresent(t -> add(t + ".weight", 2, HIDDEN));
      architecture.embedding().norm().ifPresent(this::norm);
      for (int layer = 0; layer < LAYERS; layer++) {
        layer(layer);
      }
      architecture.output().norm().ifPresent(this::norm);
      return new TinyModel(architecture, config(), tensors);
    }

    private void layer(int layer) {
      boolean biased = random.nextBoolean();
      int groups = groups(architecture);
      int queries = QUERIES * HEAD_DIM;
      int keys = groups * HEAD_DIM;
      switch (architecture.attention().projections()) {
        case AttentionDescription.Projections.Separate(String query, String key, String value) -> {
          linear(architecture.inLayer(layer, query), queries, HIDDEN, biased);
          linear(architecture.inLayer(layer, key), keys, HIDDEN, biased);
          linear(architecture.inLayer(layer, value), keys, HIDDEN, biased);
        }
        case AttentionDescription.Projections.Fused(
                String module,
                AttentionDescription.Order order) ->
            linear(architecture.inLayer(layer, module), queries + 2 * keys, HIDDEN, biased);
      }
      String output = architecture.inLayer(layer, architecture.attention().output());
      linear(output, HIDDEN, queries, biased);
      AttentionDescription attention = architecture.attention();
      Stream.of(attention.queryNorm(), attention.keyNorm())
          .flatMap(Optional::stream)
          .forEach(norm -> add(architecture.inLayer(layer, norm) + ".weight", HEAD_DIM));
      NormDescriptions norms = architecture.norms();
      Stream.of(
              norms.attentionInput(),
              norms.attentionOutput(),
              norms.attentionResidual(),
              norms.feedForwardInput(),
              norms.feedForwardOutput(),
              norms.feedForwardResidual())
          .flatMap(Optional::stream)
          .forEach(norm -> norm(architecture.inLayer(layer, norm)));
      for (FeedForwardDescription block : blocks(layer)) {
        int experts = block.isRouted() ? EXPERTS : 1;
        for (int expert = 0; expert < experts; expert++) {
          int e = expert;
          switch (block.projections()) {
            case FeedForwardDescription.Projections.Plain(String up) ->
                linear(name(layer, up, e), NEURONS, HIDDEN, biased);
            case FeedForwardDescription.Projections.Gated(String gate, String up) -> {
              linear(name(layer, gate, e), NEURONS, HIDDEN, biased);
              linear(name(layer, up, e), NEURONS, HIDDEN, biased);
            }
            case FeedForwardDescription.Projections.Fused(String both) ->
                linear(name(layer, both, e), 2 * NEURONS, HIDDEN, biased);
          }
          linear(name(layer, block.down(), e), HIDDEN, NEURONS, biased);
        }
        block
            .router()
            .ifPresent(r -> add(architecture.inLayer(layer, r) + ".weight", EXPERTS, HIDDEN));
        block
            .outputGate()
            .ifPresent(g -> add(architecture.inLayer(layer, g) + ".weight", 1, HIDDEN));
      }
    }

    /** The first layer of a mixture is dense where the family allows that. */
    private List<FeedForwardDescription> blocks(int layer) {
      List<FeedForwardDescription> all = architecture.feedForwards();
      if (all.size() == 1 || all.getFirst().isRouted()) {
        return all;
      }
      return layer == 0 ? all.subList(0, 1) : all.subList(1, all.size());
    }

    private void norm(String module) {
      add(module + ".weight", HIDDEN);
      if (architecture.norms().kind() == NormDescriptions.Kind.LAYER) {
        add(module + ".bias", HIDDEN);
      }
    }

    private String name(int layer, String module, int expert) {
      return architecture.inLayer(layer, FeedForwardDescription.ofExpert(module, expert));
    }

    private void linear(String module, int outputs, int inputs, boolean biased) {
      if (architecture.layout() == Layout.IN_OUT) {
        add(module + ".weight", inputs, outputs);
      } else {
        add(module + ".weight", outputs, inputs);
      }
      if (biased) {
        add(module + ".bias", outputs);
      }
    }

    private void add(String name, int... shape) {
      float[] values = new float[(int) Tensor.size(shape)];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextInt(-64, 65) / 64f;
      }
      tensors.put(prefix + name, new Tensor(shape, values));
    }

    private Map<String, Object> config() {
      Map<String, Object> fields = new LinkedHashMap<>();
      set(fields, ConfigField.HIDDEN_SIZE, HIDDEN);
      set(fields, ConfigField.LAYERS, LAYERS);
      set(fields, ConfigField.QUERY_HEADS, QUERIES);
      set(fields, ConfigField.KEY_VALUE_HEADS, GROUPS);
      set(fields, ConfigField.HEAD_DIM, HEAD_DIM);
      set(fields, ConfigField.VOCABULARY, VOCABULARY);
      set(fields, ConfigField.CONTEXT, CONTEXT);
      set(fields, ConfigField.ROTARY_FRACTION, 0.67);
      set(fields, ConfigField.EXPERTS_PER_TOKEN, 2);
      for (FeedForwardDescription block : architecture.feedForwards()) {
        fields.put(block.width(), NEURONS);
        block.experts().stream().limit(1).forEach(field -> fields.put(field, EXPERTS));
      }
      fields.put("rms_norm_eps", 1e-5);
      String section = architecture.configSections().get(type);
      Map<String, Object> config = new LinkedHashMap<>();
      config.put("model_type", type);
      if (section != null) {
        config.put(section, fields);
      } else {
        config.putAll(fields);
      }
      return config;
    }

    private void set(Map<String, Object> fields, ConfigField field, Object value) {
      if (architecture.fields().containsKey(field)) {
        fields.put(field(architecture, field), value);
      }
    }
  }
}
