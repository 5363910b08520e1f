package dev.pleat.llm.blueprint;

import dev.pleat.core.PleatException;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.ConfigField;
import dev.pleat.llm.architecture.ModelFacts;
import dev.pleat.llm.architecture.Modules;
import dev.pleat.llm.architecture.NormDescriptions;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Makes the blueprint of a model. */
public final class BlueprintReader {
  private final ModelFacts facts;
  private final Architecture family;
  private final Modules modules;

  private BlueprintReader(ModelFacts facts, Modules modules) {
    this.facts = facts;
    this.family = facts.architecture();
    this.modules = modules;
  }

  /**
   * The blueprint of a model.
   *
   * @throws PleatException when the configuration lacks a fact or asks for something that Pleat
   *     cannot run, or the checkpoint lacks a tensor
   */
  public static Blueprint read(ModelFacts facts, Checkpoint checkpoint) {
    return new BlueprintReader(facts, new Modules(facts.architecture(), checkpoint)).read();
  }

  private Blueprint read() {
    checkAssumptions();
    AttentionReader attentions = new AttentionReader(facts, this::linear, this::norm);
    FeedForwardReader feedForwards = new FeedForwardReader(facts, modules, this::linear);
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < facts.positive(ConfigField.LAYERS); i++) {
      layers.add(layer(i, attentions.read(i), feedForwards.read(i)));
    }
    return new Blueprint(
        facts.positive(ConfigField.HIDDEN_SIZE),
        facts.positive(ConfigField.VOCABULARY),
        attentions.context(),
        family.attention().causal(),
        embedding(),
        layers,
        head());
  }

  private void checkAssumptions() {
    family
        .assumes()
        .forEach((field, expected) -> {
          String found = facts.fields().written(field);
          if (!found.isEmpty() && !found.equals(expected)) {
            throw new PleatException(
                "%s: field '%s' is %s, only models with %s can be run"
                    .formatted(facts.config().file(), facts.path(field), found, expected));
          }
        });
  }

  private Embedding embedding() {
    var described = family.embedding();
    return new Embedding(
        tensor(described.tokens()),
        described.scaled() ? Math.sqrt(facts.positive(ConfigField.HIDDEN_SIZE)) : 1,
        described
            .positions()
            .map(table -> new Embedding.Positions(tensor(table), described.positionOffset())),
        described.tokenTypes().map(this::tensor),
        described.norm().map(this::norm));
  }

  private Optional<Head> head() {
    return family
        .output()
        .linear()
        .map(module -> new Head(family.output().norm().map(this::norm), output(module), softcap()));
  }

  /** The token embedding serves where it is tied or the checkpoint has nothing else. */
  private Linear output(String module) {
    boolean own =
        !facts.flag(ConfigField.TIED_EMBEDDINGS) && modules.weightOrEmpty(module).isPresent();
    return new Linear(
        tensor(own ? module : family.embedding().tokens()),
        modules.bias(module).map(TensorInfo::name),
        false);
  }

  private OptionalDouble softcap() {
    return facts
        .numberOrEmpty(ConfigField.LOGIT_SOFTCAP)
        .map(OptionalDouble::of)
        .orElse(OptionalDouble.empty());
  }

  private Layer layer(int number, Attention attention, FeedForward feedForward) {
    NormDescriptions norms = family.norms();
    boolean normalised = norms.attentionResidual().isPresent();
    boolean parallel = facts.flag(ConfigField.PARALLEL_RESIDUAL);
    return new Layer(
        norm(number, norms.attentionInput()),
        attention,
        norm(number, normalised ? norms.attentionResidual() : norms.attentionOutput()),
        norm(number, norms.feedForwardInput()),
        feedForward,
        norm(number, normalised ? norms.feedForwardResidual() : norms.feedForwardOutput()),
        normalised
            ? Layer.Residual.NORMALISED
            : parallel ? Layer.Residual.PARALLEL : Layer.Residual.SEQUENTIAL);
  }

  private Optional<Norm> norm(int layer, Optional<String> module) {
    return module.map(name -> norm(family.inLayer(layer, name)));
  }

  private Norm norm(String module) {
    return new Norm(
        switch (family.norms().kind()) {
          case RMS -> Norm.Kind.RMS;
          case LAYER -> Norm.Kind.LAYER;
        },
        tensor(module),
        modules.bias(module).map(TensorInfo::name),
        facts.number(ConfigField.NORM_EPSILON),
        family.norms().offset());
  }

  private Linear linear(String module) {
    return new Linear(
        tensor(module),
        modules.bias(module).map(TensorInfo::name),
        family.layout() == Architecture.Layout.IN_OUT);
  }

  private String tensor(String module) {
    return modules.weight(module).name();
  }
}
