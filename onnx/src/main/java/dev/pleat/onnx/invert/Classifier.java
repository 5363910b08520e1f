package dev.pleat.onnx.invert;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.TensorValue;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a network says of classes.
 *
 * @param output the output that says it
 * @param logits the value whose softmax is the distribution over the classes
 * @param classes how many there are, at least 2
 * @param rank axes of the output that it was seen at, which the logits have as well unless
 *     something reshapes them in between
 */
public record Classifier(String output, String logits, int classes, int rank) {
  /** What exporters put behind a softmax, or between it and the output, without changing values. */
  private static final Set<String> RESHAPING =
      Set.of("Identity", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Dropout", "Cast");

  /** Operators at the end of networks whose outputs are no classes that exclude each other. */
  private static final Set<String> OTHER = Set.of("Sigmoid", "LpNormalization", "Div", "Tanh");

  /**
   * The first output that looks like a classifier's.
   *
   * @param outputs of one run, by name in the model's order
   */
  public static Optional<Classifier> of(OnnxModel model, Map<String, TensorValue> outputs) {
    Map<String, NodeProto> makers = new HashMap<>();
    model.nodes().forEach(node -> node.getOutputList().forEach(out -> makers.put(out, node)));
    for (Map.Entry<String, TensorValue> output : outputs.entrySet()) {
      long[] shape = output.getValue().shape();
      if (!(output.getValue() instanceof TensorValue.Floats) || !classifies(shape)) {
        continue;
      }
      int classes = (int) (TensorValue.elements(shape) / shape[0]);
      String logits = output.getKey();
      for (NodeProto node = makers.get(logits);
          node != null && RESHAPING.contains(node.getOpType());
          node = makers.get(logits)) {
        logits = node.getInput(0);
      }
      NodeProto last = makers.get(logits);
      if (classes < 2 || last == null || OTHER.contains(last.getOpType())) {
        continue;
      }
      boolean distribution =
          Nodes.isStandard(last) && Set.of("Softmax", "LogSoftmax").contains(last.getOpType());
      return Optional.of(
          new Classifier(
              output.getKey(),
              distribution ? last.getInput(0) : output.getKey(),
              classes,
              shape.length));
    }
    return Optional.empty();
  }

  /** One row of classes for each image: rank 2, or rank 4 with one pixel. */
  private static boolean classifies(long[] shape) {
    boolean pixel =
        shape.length == 4 && ((shape[2] == 1 && shape[3] == 1) || (shape[1] == 1 && shape[2] == 1));
    return (shape.length == 2 || pixel) && shape[0] > 0;
  }
}
