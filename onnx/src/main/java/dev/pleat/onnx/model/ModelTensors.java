package dev.pleat.onnx.model;

import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorStore;
import java.lang.ref.SoftReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The floating-point constants of a model under the names of their uses: a vector that several
 * nodes read has one name for each, so that the uses may come apart.
 */
public final class ModelTensors implements TensorStore {
  private final OnnxModel model;
  private final Map<String, String> constantOfUse;
  private final Map<String, SoftReference<Tensor>> decoded = new ConcurrentHashMap<>();

  /**
   * The tensors of a model.
   *
   * @param constantOfUse the constant behind each name
   */
  public ModelTensors(OnnxModel model, Map<String, String> constantOfUse) {
    this.model = model;
    this.constantOfUse = Map.copyOf(constantOfUse);
  }

  @Override
  public int[] shape(String name) {
    return constant(name).shape();
  }

  @Override
  public Tensor read(String name) {
    Constant constant = constant(name);
    SoftReference<Tensor> reference = decoded.get(constant.name());
    Tensor known = reference == null ? null : reference.get();
    if (known != null) {
      return known;
    }
    Tensor tensor = new Tensor(constant.shape(), model.floats(constant));
    decoded.put(constant.name(), new SoftReference<>(tensor));
    return tensor;
  }

  @Override
  public void write(String name, Tensor tensor) {
    throw new UnsupportedOperationException("the model as read is not changed: " + name);
  }

  private Constant constant(String name) {
    String constant = constantOfUse.get(name);
    return model.constant(constant == null ? name : constant);
  }
}
