package dev.pleat.llm.blueprint;

import dev.pleat.core.PleatException;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.AttentionDescription.Order;
import dev.pleat.llm.architecture.AttentionDescription.Projections;
import dev.pleat.llm.architecture.ConfigField;
import dev.pleat.llm.architecture.ModelFacts;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/** Makes the attention of each layer. */
final class AttentionReader {
  /** What configurations call layers with a sliding window. */
  private static final Set<String> WINDOWED = Set.of("sliding_attention", "local");

  private final ModelFacts facts;
  private final Architecture family;
  private final Function<String, Linear> linear;
  private final Function<String, Norm> norm;
  private final ModelFacts.HeadSizes sizes;
  private final Optional<RopeReader> ropes;

  AttentionReader(ModelFacts facts, Function<String, Linear> linear, Function<String, Norm> norm) {
    this.facts = facts;
    this.family = facts.architecture();
    this.linear = linear;
    this.norm = norm;
    this.sizes = facts.heads();
    this.ropes =
        facts.knows(ConfigField.ROPE_THETA)
            ? Optional.of(new RopeReader(facts, sizes.width()))
            : Optional.empty();
  }

  Attention read(int layer) {
    var described = family.attention();
    Function<String, Linear> inLayer = module -> linear.apply(family.inLayer(layer, module));
    OptionalInt window = window(layer);
    return new Attention(
        projection(described.projections(), inLayer),
        inLayer.apply(described.output()),
        sizes.query(),
        sizes.keyValue(),
        sizes.width(),
        1
            / Math.sqrt(
                facts.numberOrEmpty(ConfigField.ATTENTION_SCALE).orElse((double) sizes.width())),
        facts
            .numberOrEmpty(ConfigField.ATTENTION_SOFTCAP)
            .map(OptionalDouble::of)
            .orElse(OptionalDouble.empty()),
        described.queryNorm().map(name -> norm.apply(family.inLayer(layer, name))),
        described.keyNorm().map(name -> norm.apply(family.inLayer(layer, name))),
        ropes.map(reader -> reader.read(window.isPresent())),
        window);
  }

  /** Most positions that the rotations, or else the configuration, were made for. */
  int context() {
    int declared = facts.positiveOrEmpty(ConfigField.CONTEXT).orElse(Integer.MAX_VALUE);
    return ropes.map(reader -> reader.context(declared)).orElse(declared);
  }

  private Attention.Projection projection(
      Projections projections, Function<String, Linear> inLayer) {
    return switch (projections) {
      case Projections.Separate(String query, String key, String value) ->
          new Attention.Projection.Separate(
              inLayer.apply(query), inLayer.apply(key), inLayer.apply(value));
      case Projections.Fused(String module, Order order) ->
          order == Order.BLOCKS
              ? new Attention.Projection.Blocks(inLayer.apply(module))
              : new Attention.Projection.PerHead(inLayer.apply(module));
    };
  }

  private OptionalInt window(int layer) {
    Optional<Integer> size = facts.positiveOrEmpty(ConfigField.SLIDING_WINDOW);
    return size.isPresent() && isWindowed(layer) ? OptionalInt.of(size.get()) : OptionalInt.empty();
  }

  private boolean isWindowed(int layer) {
    List<String> types =
        facts
            .name(ConfigField.LAYER_TYPES)
            .flatMap(name -> facts.fields().textsOrEmpty(name))
            .orElse(List.of());
    if (types.isEmpty()) {
      int every = family.attention().globalEvery();
      return every == 0 || (layer + 1) % every != 0;
    }
    if (layer >= types.size()) {
      throw new PleatException(
          "%s: field '%s' has %d entries, expected one for each layer"
              .formatted(
                  facts.config().file(),
                  facts.name(ConfigField.LAYER_TYPES).orElse(""),
                  types.size()));
    }
    return WINDOWED.contains(types.get(layer));
  }
}
