package dev.pleat.llm.blueprint;

import dev.pleat.core.PleatException;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.ConfigField;
import dev.pleat.llm.architecture.FeedForwardDescription;
import dev.pleat.llm.architecture.FeedForwardDescription.Projections;
import dev.pleat.llm.architecture.ModelFacts;
import dev.pleat.llm.architecture.Modules;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Makes the feed-forward part of each layer. */
final class FeedForwardReader {
  private final ModelFacts facts;
  private final Architecture family;
  private final Modules modules;
  private final Function<String, Linear> linear;
  private final Activation activation;

  FeedForwardReader(ModelFacts facts, Modules modules, Function<String, Linear> linear) {
    this.facts = facts;
    this.family = facts.architecture();
    this.modules = modules;
    this.linear = linear;
    this.activation = Activation.of(facts.text(ConfigField.ACTIVATION));
  }

  FeedForward read(int layer) {
    List<FeedForwardDescription> blocks = modules.feedForwards(layer);
    var routed = blocks.stream().filter(block -> block.isRouted()).findFirst();
    var single = blocks.stream().filter(block -> !block.isRouted()).findFirst();
    if (blocks.size() > 2 || (blocks.size() == 2 && (routed.isEmpty() || single.isEmpty()))) {
      throw new PleatException(
          "the description '%s' gives layer %d the feed-forward blocks %s, expected one, or experts and a shared one"
              .formatted(family.family(), layer, blocks.stream().map(b -> b.name()).toList()));
    }
    return routed
        .map(block -> mixture(layer, block, single))
        .orElseGet(() -> dense(layer, single.orElseThrow(), 0));
  }

  private FeedForward mixture(
      int layer, FeedForwardDescription block, Optional<FeedForwardDescription> shared) {
    String router =
        block
            .router()
            .orElseThrow(() ->
                new PleatException(
                    "the description '%s' names no router for its experts; add 'router'"
                        .formatted(family.family())));
    return new FeedForward.Mixture(
        linear.apply(family.inLayer(layer, router)),
        IntStream.range(0, facts.experts(block)).mapToObj(e -> dense(layer, block, e)).toList(),
        facts.positive(ConfigField.EXPERTS_PER_TOKEN),
        facts.flag(ConfigField.NORMALIZED_ROUTING),
        shared.map(s -> dense(layer, s, 0)),
        shared.flatMap(s -> s.outputGate()).map(gate -> linear.apply(family.inLayer(layer, gate))));
  }

  private FeedForward.Dense dense(int layer, FeedForwardDescription block, int expert) {
    Function<String, Linear> find =
        module ->
            linear.apply(family.inLayer(layer, FeedForwardDescription.ofExpert(module, expert)));
    Linear down = find.apply(block.down());
    return switch (block.projections()) {
      case Projections.Plain(String up) -> new FeedForward.Plain(find.apply(up), down, activation);
      case Projections.Gated(String gate, String up) ->
          new FeedForward.Gated(find.apply(gate), find.apply(up), down, activation);
      case Projections.Fused(String gateUp) ->
          new FeedForward.JoinedGated(find.apply(gateUp), down, activation);
    };
  }
}
