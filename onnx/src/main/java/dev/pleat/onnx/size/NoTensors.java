package dev.pleat.onnx.size;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.onnx.model.OnnxModel;
import java.util.HashSet;
import java.util.Set;

/** Values of a graph that have no shape: sequences, optional values and maps. */
final class NoTensors {
  private static final Set<String> MAKERS =
      Set.of(
          "SequenceConstruct",
          "SequenceEmpty",
          "SequenceErase",
          "SequenceInsert",
          "SequenceMap",
          "SplitToSequence",
          "Optional",
          "ZipMap");

  private static final Set<String> CARRIERS = Set.of("Identity", "OptionalGetElement");

  private static final Set<String> BODIES = Set.of("If", "Loop", "Scan");

  private NoTensors() {}

  /**
   * The names of such values.
   *
   * @param bodies whether what control flow gives is taken for tensors
   */
  static Set<String> of(OnnxModel model, boolean bodies) {
    Set<String> names = new HashSet<>();
    model.graph().getInputList().stream()
        .filter(input -> !input.getType().hasTensorType())
        .forEach(input -> names.add(input.getName()));
    for (NodeProto node : model.nodes()) {
      String op = node.getOpType();
      boolean carried =
          CARRIERS.contains(op) && node.getInputList().stream().anyMatch(names::contains);
      if (MAKERS.contains(op) || carried || !bodies && BODIES.contains(op)) {
        names.addAll(node.getOutputList());
      }
    }
    return names;
  }
}
