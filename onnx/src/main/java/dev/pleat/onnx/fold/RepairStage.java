package dev.pleat.onnx.fold;

import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.report.Agreement;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.repair.FoldedModel;
import dev.pleat.onnx.repair.RepairPlan;
import dev.pleat.onnx.repair.SequentialRepair;
import dev.pleat.onnx.repair.VarianceRatios;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What became of a fold's repair.
 *
 * @param traced the model with the uses that the repair separated
 * @param groups what happened to each group, with variance ratios as they were measured
 * @param agreement with the original on the inputs of the repair, where it ran the network
 */
record RepairStage(TracedModel traced, List<GroupReport> groups, Optional<Agreement> agreement) {

  /** Repairs on inputs where the plan has any. */
  static RepairStage run(
      TracedModel traced,
      RepairPlan plan,
      Folding.Outcome outcome,
      TensorOverlay tensors,
      TensorOverlay unread,
      int threads,
      Progress progress) {
    if (plan.inputs().isEmpty()) {
      return new RepairStage(traced, outcome.groups(), Optional.empty());
    }
    CalibrationInputs inputs = plan.inputs().get();
    FoldedModel folded =
        new FoldedModel(
            traced.model(),
            traced.trace(),
            outcome.clusterings(),
            traced.rewrite(outcome.clusterings(), tensors, Map.of()),
            tensors,
            unread);
    SequentialRepair.Outcome repaired;
    try (plan) {
      repaired =
          SequentialRepair.run(
              folded, inputs, plan.repair() == Repair.LEAST_SQUARES, threads, progress);
    }
    List<GroupReport> groups = new ArrayList<>();
    for (int g = 0; g < outcome.groups().size(); g++) {
      VarianceRatios ratios = repaired.ratios().get(g);
      GroupReport group = outcome.groups().get(g);
      groups.add(
          ratios == null ? group : group.withVarianceRatios(ratios.before(), ratios.after()));
    }
    return new RepairStage(
        traced.with(repaired.trace()),
        groups,
        Optional.of(repaired.agreement()));
  }
}
