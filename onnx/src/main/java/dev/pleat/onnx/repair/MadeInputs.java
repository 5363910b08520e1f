package dev.pleat.onnx.repair;

import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.invert.Inversion;
import dev.pleat.onnx.invert.InversionOptions;
import dev.pleat.onnx.invert.Inverted;
import dev.pleat.onnx.model.OnnxModel;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/** The inputs that one network makes of its own statistics, kept for repairs that ask again. */
public final class MadeInputs {
  private record Wanted(OptionalInt images, int usualSteps, long seed) {}

  private final Map<Wanted, CalibrationInputs> kept = new HashMap<>();

  /**
   * Makes inputs, or gives those that were made for the same numbers.
   *
   * @throws dev.pleat.core.PleatException when the network has nothing to make them of
   */
  CalibrationInputs of(OnnxModel model, InversionOptions options, Progress progress) {
    Wanted wanted = new Wanted(options.images(), options.usualSteps(), options.seed());
    CalibrationInputs known = kept.get(wanted);
    if (known != null) {
      return known;
    }
    Inverted inverted = Inversion.run(model, options, progress);
    CalibrationInputs made =
        new HeldInputs(
            "%d inputs made by the network%s"
                .formatted(
                    inverted.images().shape()[0],
                    inverted.diverged() ? " (stopped early: the optimisation diverged)" : ""),
            inverted.input(),
            inverted.images());
    kept.put(wanted, made);
    return made;
  }
}
