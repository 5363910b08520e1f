package dev.pleat.core.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorStore;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/** Made-up tensors in memory. */
final class HeldTensors implements TensorStore {
  private final Map<String, Tensor> tensors = new ConcurrentHashMap<>();

  HeldTensors put(String name, int[] shape, float... values) {
    tensors.put(name, new Tensor(shape, values));
    return this;
  }

  HeldTensors putRandom(String name, SplittableRandom random, int... shape) {
    int size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return put(name, shape, values);
  }

  @Override
  public int[] shape(String name) {
    return read(name).shape();
  }

  @Override
  public Tensor read(String name) {
    return Optional.ofNullable(tensors.get(name))
        .orElseThrow(() -> new PleatException("no tensor " + name));
  }

  @Override
  public void write(String name, Tensor tensor) {
    tensors.put(name, tensor);
  }

  float[] values(String name) {
    return read(name).values();
  }
}
