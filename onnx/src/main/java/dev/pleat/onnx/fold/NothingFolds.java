package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.trace.Quantised;
import dev.pleat.onnx.trace.Trace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Says why nothing of a model can fold, and what would help. */
final class NothingFolds {
  /** Reasons that are told. */
  private static final int MOST = 5;

  private NothingFolds() {}

  /**
   * The error for a model without foldable groups.
   *
   * @param obstacle why its sizes are not known, empty when they are
   */
  static PleatException of(Path file, OnnxModel model, Trace trace, String obstacle) {
    return new PleatException(
        "%s: nothing can fold: %s".formatted(file, why(model, trace, obstacle)));
  }

  /** Why, without the name of the file. */
  static String why(OnnxModel model, Trace trace, String obstacle) {
    Map<String, Integer> quantised = new TreeMap<>();
    int bodies = 0;
    for (NodeProto node : model.nodes()) {
      if (Quantised.is(node)) {
        quantised.merge(node.getOpType(), 1, Integer::sum);
      }
      bodies += holdsWeights(node) || readsWeights(node, model) ? 1 : 0;
    }
    if (!quantised.isEmpty()) {
      return "it is already quantised (%s); fold the model it was made from, then quantise"
          .formatted(
              quantised.entrySet().stream()
                  .map(e -> e.getValue() + " " + e.getKey())
                  .collect(Collectors.joining(", ")));
    }
    if (bodies > 0 && trace.frozen().isEmpty()) {
      return "its weights are in the bodies of %d If, Loop or Scan nodes, which are not traced; export it without control flow"
          .formatted(bodies);
    }
    if (!obstacle.isEmpty()) {
      return "its sizes are not known, since it could not be run: " + obstacle;
    }
    List<Trace.Frozen> frozen = trace.frozen();
    if (!frozen.isEmpty()) {
      return frozen.stream()
              .limit(MOST)
              .map(f -> "'%s': %s".formatted(f.name(), f.reason()))
              .collect(Collectors.joining("; "))
          + (frozen.size() > MOST ? "; and %d more".formatted(frozen.size() - MOST) : "");
    }
    return "it has no convolution or linear layer with constant weights";
  }

  private static boolean readsWeights(NodeProto node, OnnxModel model) {
    return Nodes.captured(node).stream()
        .map(model.constants()::get)
        .anyMatch(constant -> constant != null && constant.isFloat() && constant.elements() > 1);
  }

  private static boolean holdsWeights(NodeProto node) {
    return node.getAttributeList().stream()
        .filter(AttributeProto::hasG)
        .anyMatch(a ->
            a.getG().getInitializerCount() > 0
                || a.getG().getNodeList().stream()
                    .anyMatch(n -> n.getOpType().equals("Constant") || holdsWeights(n)));
  }
}
