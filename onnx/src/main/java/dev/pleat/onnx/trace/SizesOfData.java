package dev.pleat.onnx.trace;

import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import java.util.Set;

/**
 * Operators whose results are as large as what they find in data. Behind them a size may be the
 * same in every run that was seen and another in the next one.
 */
final class SizesOfData {
  private static final Set<String> FINDERS =
      Set.of("Compress", "If", "Loop", "NonMaxSuppression", "NonZero", "Scan", "Unique");

  private SizesOfData() {}

  /** Whether a model has sizes that depend on more than the sizes of its inputs. */
  static boolean areIn(OnnxModel model) {
    return model.nodes().stream()
        .anyMatch(node -> Nodes.isStandard(node) && FINDERS.contains(node.getOpType()));
  }
}
