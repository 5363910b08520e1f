package dev.pleat.onnx.repair;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.trace.Trace;
import java.util.List;

/**
 * A model that has been folded in memory, with what a repair needs of the original.
 *
 * @param original the model that was folded
 * @param trace its channels
 * @param clusterings one for each group of the trace
 * @param proto the folded model, for its nodes and sizes
 * @param tensors the folded tensors by use; a repair replaces them
 * @param unread the same with the axes that read channels not merged
 */
public record FoldedModel(
    OnnxModel original,
    Trace trace,
    List<Clustering> clusterings,
    ModelProto proto,
    TensorOverlay tensors,
    TensorOverlay unread) {

  /** Copies the list. */
  public FoldedModel {
    clusterings = List.copyOf(clusterings);
  }
}
