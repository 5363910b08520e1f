package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.Architectures;
import dev.pleat.llm.architecture.ModelFacts;
import dev.pleat.llm.config.ModelConfig;
import dev.pleat.llm.safetensors.Checkpoint;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A model directory whose configuration, headers and shapes have been checked against each other.
 *
 * @param facts what its configuration says
 * @param checkpoint its weights
 * @param groups its channel groups
 */
record OpenModel(ModelFacts facts, Checkpoint checkpoint, CheckpointGroups.Found groups)
    implements AutoCloseable {

  /**
   * Opens a directory.
   *
   * @param description of the family, empty for a bundled one
   * @throws PleatException when anything in it is missing, damaged or contradicts the rest
   */
  static OpenModel open(Path directory, Optional<Path> description) {
    ModelConfig config = ModelConfig.read(directory);
    Architecture architecture =
        description
            .map(file -> Architectures.fromFile(file, config))
            .orElseGet(() -> Architectures.forConfig(config));
    ModelFacts facts = new ModelFacts(architecture, config);
    Checkpoint checkpoint = Checkpoint.open(directory);
    try {
      return new OpenModel(facts, checkpoint, CheckpointGroups.find(facts, checkpoint));
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  /** Elements of all tensors. */
  long parameters() {
    return checkpoint.names().stream().mapToLong(name -> checkpoint.info(name).elements()).sum();
  }

  @Override
  public void close() {
    checkpoint.close();
  }
}
