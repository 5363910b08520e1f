package dev.pleat.onnx.request;

import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.data.Preprocessing;
import java.nio.file.Path;

/** Where the inputs of a repair come from. */
public sealed interface InputSource {

  /**
   * The network makes them from its own statistics, or they are drawn where it has none.
   *
   * @param effort how much work that may take
   */
  record Made(Effort effort) implements InputSource {

    /** The usual effort. */
    public Made() {
      this(Effort.NORMAL);
    }
  }

  /**
   * Unlabelled files.
   *
   * @param path images of any kind that {@code eval} takes, or an {@code .npy} or {@code .npz} file
   * @param preprocessing how pixels become inputs
   */
  record Files(Path path, Preprocessing preprocessing) implements InputSource {}

  /** Inputs that are there already. */
  record Given(CalibrationInputs inputs) implements InputSource {}
}
