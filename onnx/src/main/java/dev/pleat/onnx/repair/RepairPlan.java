package dev.pleat.onnx.repair;

import dev.pleat.core.fold.Strategy;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.data.TensorFile;
import java.util.Optional;

/**
 * The strategy of a fold, and what its repair runs on.
 *
 * @param strategy how the fold is done
 * @param inputs what the network is run on, where the repair needs that; empty too in a plan that
 *     only foresees them
 * @param file the file that the plan opened for its inputs, if any
 */
public record RepairPlan(
    Strategy strategy, Optional<CalibrationInputs> inputs, Optional<TensorFile> file)
    implements AutoCloseable {

  static RepairPlan without(Strategy strategy) {
    return new RepairPlan(strategy, Optional.empty(), Optional.empty());
  }

  static RepairPlan on(CalibrationInputs inputs, Strategy strategy) {
    return new RepairPlan(strategy, Optional.of(inputs), Optional.empty());
  }

  RepairPlan closing(TensorFile opened) {
    return new RepairPlan(strategy, inputs, Optional.of(opened));
  }

  /** The same strategy with nothing to run on; closes what was opened. */
  RepairPlan strategyAlone() {
    close();
    return without(strategy);
  }

  /** Closes the file that the plan opened; inputs that were given stay open. */
  @Override
  public void close() {
    file.ifPresent(TensorFile::close);
  }
}
