package dev.pleat.core.tensor;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A store that keeps what is written in memory and leaves the store below as it is. */
public final class TensorOverlay implements TensorStore {
  private final TensorStore base;
  private final Map<String, Tensor> written = new ConcurrentHashMap<>();

  /** An overlay with nothing written yet. */
  public TensorOverlay(TensorStore base) {
    this.base = base;
  }

  @Override
  public int[] shape(String name) {
    Tensor tensor = written.get(name);
    return tensor != null ? tensor.shape() : base.shape(name);
  }

  @Override
  public Tensor read(String name) {
    Tensor tensor = written.get(name);
    return tensor != null ? tensor : base.read(name);
  }

  @Override
  public FloatSource source(String name) {
    Tensor tensor = written.get(name);
    return tensor != null ? FloatSource.of(tensor.values()) : base.source(name);
  }

  @Override
  public void write(String name, Tensor tensor) {
    written.put(name, tensor);
  }

  /** The names that were written. */
  public Set<String> written() {
    return Set.copyOf(written.keySet());
  }
}
