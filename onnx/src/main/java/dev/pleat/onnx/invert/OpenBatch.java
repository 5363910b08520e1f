package dev.pleat.onnx.invert;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Frees the batch of a model that was exported for a fixed one: statistics over one image are poor.
 */
final class OpenBatch {
  /** Outputs of the same image may differ by this share of the largest one: rounding. */
  private static final float LARGEST_DIFFERENCE = 1e-3f;

  private OpenBatch() {}

  /**
   * The model with an open batch, where it gives for two equal batches what the original gives for
   * one, twice.
   *
   * @param values of the input, as many as the model is fixed to
   * @param expected outputs of the original for them
   */
  static Optional<OnnxModel> of(
      OnnxModel model,
      String input,
      TensorValue.Floats values,
      Map<String, TensorValue> expected,
      int threads) {
    long[] twice = values.shape().clone();
    twice[0] *= 2;
    float[] both = Arrays.copyOf(values.values(), 2 * values.values().length);
    System.arraycopy(values.values(), 0, both, values.values().length, values.values().length);
    ModelProto open = open(model, input, values.shape()[0]);
    try (OnnxSession session = OnnxSession.open(open, model.file(), threads)) {
      Map<String, TensorValue> outputs =
          session.run(Map.of(input, new TensorValue.Floats(twice, both)));
      boolean same =
          expected.entrySet().stream()
              .allMatch(e ->
                  outputs.get(e.getKey()) instanceof TensorValue value
                      && isDoubled(e.getValue(), value));
      return same ? Optional.of(model.with(open)) : Optional.empty();
    } catch (PleatException doesNotRun) {
      return Optional.empty();
    }
  }

  private static ModelProto open(OnnxModel model, String input, long batch) {
    GraphProto.Builder graph = model.graph().toBuilder().clearValueInfo();
    for (int i = 0; i < graph.getInputCount(); i++) {
      if (graph.getInput(i).getName().equals(input)) {
        graph
            .getInputBuilder(i)
            .getTypeBuilder()
            .getTensorTypeBuilder()
            .getShapeBuilder()
            .getDimBuilder(0)
            .setDimParam("pleat_batch");
      }
    }
    for (ValueInfoProto.Builder output : graph.getOutputBuilderList()) {
      output.getTypeBuilder().getTensorTypeBuilder().clearShape();
    }
    List<NodeProto> nodes = new ArrayList<>();
    for (NodeProto node : graph.getNodeList()) {
      Optional<long[]> target =
          node.getOpType().equals("Reshape") && node.getInputCount() == 2
              ? model.integers(node.getInput(1))
              : Optional.empty();
      if (target.isEmpty()
          || target.get().length == 0
          || target.get()[0] != batch
          || Nodes.integer(node, "allowzero", 0) != 0) {
        nodes.add(node);
        continue;
      }
      // A size of 0 takes over what the reshaped value has.
      long[] free = target.get().clone();
      free[0] = 0;
      String name = node.getOutput(0) + "/pleat_shape_of_any_batch";
      graph.addInitializer(TensorEncoder.vector(name, free));
      nodes.add(node.toBuilder().setInput(1, name).build());
    }
    return model.proto().toBuilder().setGraph(graph.clearNode().addAllNode(nodes)).build();
  }

  private static boolean isDoubled(TensorValue one, TensorValue two) {
    if (!(one instanceof TensorValue.Floats(long[] shape, float[] a))
        || !(two instanceof TensorValue.Floats(long[] doubled, float[] b))
        || shape.length == 0
        || doubled.length != shape.length
        || doubled[0] != 2 * shape[0]
        || b.length != 2 * a.length) {
      return false;
    }
    float largest = 0;
    for (float value : a) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < b.length; i++) {
      if (!(Math.abs(b[i] - a[i % a.length]) <= LARGEST_DIFFERENCE * largest)) {
        return false;
      }
    }
    return true;
  }
}
