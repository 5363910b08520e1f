package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.tensor.TensorOverlay;
import java.util.List;
import java.util.Map;

/**
 * A model folded to some widths and repaired, in memory.
 *
 * @param widths channels that each group kept
 * @param traced the model with the uses that the repair separated
 * @param outcome of the fold, without the repair that ran the network
 * @param tensors the folded tensors by use
 * @param groups what happened to each group, with variance ratios as they were measured
 */
@SuppressWarnings("ArrayRecordComponent") // Read only, never compared.
record Candidate(
    int[] widths,
    TracedModel traced,
    Folding.Outcome outcome,
    TensorOverlay tensors,
    List<GroupReport> groups) {

  /** Its message. */
  ModelProto proto(Map<String, String> provenance) {
    return traced.rewrite(outcome.clusterings(), tensors, provenance);
  }
}
