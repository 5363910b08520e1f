package dev.pleat.llm.run;

import dev.pleat.llm.graph.Weights;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.TensorInfo;
import dev.pleat.onnx.run.Initializer;

/**
 * The weights of a checkpoint, mapped. What is made of them can run until the checkpoint is closed.
 *
 * @param checkpoint stays open as long as its weights are used
 */
public record CheckpointWeights(Checkpoint checkpoint) implements Weights {

  @Override
  public Initializer weight(String name) {
    TensorInfo info = checkpoint.info(name);
    return new Initializer(name, info.encoding(), info.shape(), checkpoint.bytes(name));
  }
}
