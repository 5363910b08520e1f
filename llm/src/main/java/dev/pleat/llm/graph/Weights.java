package dev.pleat.llm.graph;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.Initializer;

/** Where the weights of a model are found, by the names of its checkpoint. */
public interface Weights {

  /**
   * A weight in native memory.
   *
   * @throws PleatException when there is none of this name or it is not floating point
   */
  Initializer weight(String name);
}
