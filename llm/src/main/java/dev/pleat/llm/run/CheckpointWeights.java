package dev.pleat.llm.run;

import dev.pleat.llm.graph.Weights;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.TensorInfo;
import dev.pleat.onnx.run.Initializer;
import java.lang.foreign.Arena;

/**
 * The weights of a checkpoint, mapped.
 *
 * @param checkpoint stays open as long as models are opened with its weights
 */
public record CheckpointWeights(Checkpoint checkpoint) implements Weights {

  @Override
  public Initializer weight(String name, Arena scope) {
    TensorInfo info = checkpoint.info(name);
    return new Initializer(name, info.encoding(), info.shape(), checkpoint.bytes(name, scope));
  }
}
