package dev.pleat.llm.run;

import dev.pleat.core.PleatException;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.Architectures;
import dev.pleat.llm.architecture.ModelFacts;
import dev.pleat.llm.blueprint.Blueprint;
import dev.pleat.llm.blueprint.BlueprintReader;
import dev.pleat.llm.config.ModelConfig;
import dev.pleat.llm.graph.Weights;
import dev.pleat.llm.safetensors.Checkpoint;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A model that can be run: what it computes, and with which weights.
 *
 * @param name what messages call it
 * @param blueprint what it computes
 * @param weights must be available while parts of it are opened
 */
public record Model(String name, Blueprint blueprint, Weights weights) {

  /**
   * The model of a checkpoint.
   *
   * @param checkpoint stays open as long as the model is used
   * @param description of the model's family, empty for a bundled one
   * @throws PleatException when it cannot be run; the message says why
   */
  public static Model of(Checkpoint checkpoint, Optional<Path> description) {
    ModelConfig config = ModelConfig.read(checkpoint.directory());
    Architecture architecture =
        description
            .map(file -> Architectures.fromFile(file, config))
            .orElseGet(() -> Architectures.forConfig(config));
    return new Model(
        checkpoint.directory().toString(),
        BlueprintReader.read(new ModelFacts(architecture, config), checkpoint),
        new CheckpointWeights(checkpoint));
  }

  /** The same model with other weights. */
  public Model with(Weights others) {
    return new Model(name, blueprint, others);
  }

  /**
   * Refuses a model without logits.
   *
   * @throws PleatException when the model's family gives none
   */
  public void requireHead() {
    if (blueprint.head().isEmpty()) {
      throw new PleatException(
          "%s: is an encoder and predicts no next token; give a language model such as Llama"
              .formatted(name));
    }
  }
}
