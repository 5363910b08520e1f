package dev.pleat.onnx.repair;

import dev.pleat.core.fold.Repair;
import dev.pleat.onnx.data.CalibrationInputs;
import java.util.Optional;

/**
 * How a fold is going to be repaired.
 *
 * @param repair the repair; {@link Repair#AUTO} leaves the choice among those without inputs
 * @param inputs what the network is run on, where the repair needs that
 * @param reason why, in one line; empty where the choice is left
 * @param obstacle what stood in the way of a better repair, empty for nothing
 */
public record RepairPlan(
    Repair repair, Optional<CalibrationInputs> inputs, String reason, String obstacle) {

  static RepairPlan without(Repair repair, String reason, String obstacle) {
    return new RepairPlan(repair, Optional.empty(), reason, obstacle);
  }

  static RepairPlan on(CalibrationInputs inputs, Repair repair, String reason) {
    return new RepairPlan(
        repair, Optional.of(inputs), "%s, on %s".formatted(reason, inputs.description()), "");
  }
}
