package dev.pleat.llm.run;

import dev.pleat.core.tensor.FloatEncoding;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.graph.Weights;
import dev.pleat.onnx.run.Initializer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;

/**
 * Weights of which some have other values, or other widths, than those below.
 *
 * @param base where all others are found
 * @param replaced by name
 */
public record ReplacedWeights(Weights base, Map<String, Tensor> replaced) implements Weights {

  /** Copies the map. */
  public ReplacedWeights {
    replaced = Map.copyOf(replaced);
  }

  @Override
  public Initializer weight(String name, Arena scope) {
    Tensor tensor = replaced.get(name);
    if (tensor == null) {
      return base.weight(name, scope);
    }
    float[] values = tensor.values();
    MemorySegment bytes = scope.allocate((long) values.length * Float.BYTES, Float.BYTES);
    FloatEncoding.F32.encode(values, 0, values.length, bytes);
    return new Initializer(
        name, FloatEncoding.F32, Arrays.stream(tensor.shape()).asLongStream().toArray(), bytes);
  }
}
