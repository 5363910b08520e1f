package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.TensorInfo;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The tensors of a few groups while they are folded. Each is decoded when it is first read and then
 * kept; a tensor that is written takes the place of what was decoded.
 */
final class LayerTensors implements TensorStore {
  private final Checkpoint checkpoint;
  private final Map<String, Tensor> current = new ConcurrentHashMap<>();

  LayerTensors(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  @Override
  public int[] shape(String name) {
    Tensor tensor = current.get(name);
    return tensor != null ? tensor.shape() : shape(checkpoint.info(name));
  }

  /**
   * The dimensions as integers.
   *
   * @throws PleatException when one is too large
   */
  static int[] shape(TensorInfo info) {
    int[] shape = new int[info.shape().length];
    for (int axis = 0; axis < shape.length; axis++) {
      if (info.shape()[axis] > Integer.MAX_VALUE) {
        throw new PleatException(
            "%s: tensor '%s' has %d indices on axis %d, at most %d can be handled"
                .formatted(info.file(), info.name(), info.shape()[axis], axis, Integer.MAX_VALUE));
      }
      shape[axis] = (int) info.shape()[axis];
    }
    return shape;
  }

  @Override
  public Tensor read(String name) {
    return current.computeIfAbsent(name, this::decode);
  }

  private Tensor decode(String name) {
    TensorInfo info = checkpoint.info(name);
    float[] values = checkpoint.floats(name);
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new PleatException(
            "%s: tensor '%s' holds %s at element %d; such a model cannot be folded, download or train it again"
                .formatted(info.file(), name, values[i], i));
      }
    }
    return new Tensor(shape(info), values);
  }

  @Override
  public void write(String name, Tensor tensor) {
    current.put(name, tensor);
  }
}
