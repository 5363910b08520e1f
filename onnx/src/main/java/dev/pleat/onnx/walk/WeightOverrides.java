package dev.pleat.onnx.walk;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Constants that nodes read with other values than the file gives them. May change on a walk. */
public final class WeightOverrides {
  private record Place(int node, int input) {}

  private final Map<Place, Supplier<TensorProto>> tensors = new HashMap<>();

  /**
   * Sets what a node reads.
   *
   * @param tensor gives the present value whenever the node is about to run; its name is its own
   */
  public void set(int node, int input, Supplier<TensorProto> tensor) {
    tensors.put(new Place(node, input), tensor);
  }

  /** The node reading its own constants, which are added to the list. */
  NodeProto applyTo(NodeProto node, int index, List<TensorProto> changed) {
    NodeProto.Builder own = node.toBuilder();
    for (int i = 0; i < node.getInputCount(); i++) {
      Supplier<TensorProto> supplier = tensors.get(new Place(index, i));
      if (supplier != null) {
        TensorProto tensor = supplier.get();
        own.setInput(i, tensor.getName());
        changed.add(tensor);
      }
    }
    return own.build();
  }
}
