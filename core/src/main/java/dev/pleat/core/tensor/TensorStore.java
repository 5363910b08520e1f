package dev.pleat.core.tensor;

import dev.pleat.core.PleatException;

/**
 * Named tensors that can be read and replaced. Different names may be used from different threads
 * at the same time.
 */
public interface TensorStore {

  /**
   * The dimensions of a tensor as it is now.
   *
   * @throws PleatException when there is no such tensor
   */
  int[] shape(String name);

  /**
   * The tensor as it is now. The result must not be modified.
   *
   * @throws PleatException when there is no such tensor or its values cannot be had as floats
   */
  Tensor read(String name);

  /**
   * The values of a tensor as it is now, for whoever needs no more than a piece of it at a time.
   *
   * @throws PleatException as {@link #read} does
   */
  default FloatSource source(String name) {
    return FloatSource.of(read(name).values());
  }

  /** Replaces a tensor; the shape may differ from the one it had. */
  void write(String name, Tensor tensor);
}
