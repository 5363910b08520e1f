package dev.pleat.onnx.repair;

import dev.pleat.core.fold.Repair;
import dev.pleat.onnx.data.CalibrationInputs;
import java.util.Optional;

/**
 * How a fold is going to be repaired.
 *
 * @param repair the repair; {@link Repair#AUTO} leaves the choice among those without inputs
 * @param inputs what the network is run on, where the repair needs that
 * @param reason why, in one line
 */
public record RepairPlan(Repair repair, Optional<CalibrationInputs> inputs, String reason) {}
