package dev.pleat.onnx.repair;

import dev.pleat.core.fold.Repair;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.data.TensorFile;
import java.util.Optional;

/**
 * How a fold is going to be repaired.
 *
 * @param repair the repair; {@link Repair#AUTO} leaves the choice among those without inputs
 * @param inputs what the network is run on, where the repair needs that
 * @param reason why, in one line; empty where the choice is left
 * @param obstacle what stood in the way of a better repair, empty for nothing
 * @param file the file that the plan opened for its inputs, if any
 */
public record RepairPlan(
    Repair repair,
    Optional<CalibrationInputs> inputs,
    String reason,
    String obstacle,
    Optional<TensorFile> file)
    implements AutoCloseable {

  static RepairPlan without(Repair repair, String reason, String obstacle) {
    return new RepairPlan(repair, Optional.empty(), reason, obstacle, Optional.empty());
  }

  static RepairPlan on(CalibrationInputs inputs, Repair repair, String reason) {
    return new RepairPlan(
        repair,
        Optional.of(inputs),
        "%s, on %s".formatted(reason, inputs.description()),
        "",
        Optional.empty());
  }

  RepairPlan closing(TensorFile opened) {
    return new RepairPlan(repair, inputs, reason, obstacle, Optional.of(opened));
  }

  /** The same, with more to say about why. */
  RepairPlan because(String more) {
    return new RepairPlan(repair, inputs, reason + more, obstacle, file);
  }

  /** Closes the file that the plan opened; inputs that were given stay open. */
  @Override
  public void close() {
    file.ifPresent(TensorFile::close);
  }
}
