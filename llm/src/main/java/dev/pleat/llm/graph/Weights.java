package dev.pleat.llm.graph;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.Initializer;
import java.lang.foreign.Arena;

/** Where the weights of a model are found, by the names of its checkpoint. */
@FunctionalInterface
public interface Weights {

  /**
   * A weight in native memory.
   *
   * @param scope how long the memory must stay
   * @throws PleatException when there is none of this name or it is not floating point
   */
  Initializer weight(String name, Arena scope);
}
