package dev.pleat.onnx.repair;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.data.ImageCalibration;
import dev.pleat.onnx.data.ImageInput;
import dev.pleat.onnx.data.ImageSet;
import dev.pleat.onnx.data.ImageSets;
import dev.pleat.onnx.data.TensorCalibration;
import dev.pleat.onnx.data.TensorFile;
import dev.pleat.onnx.invert.Inversion;
import dev.pleat.onnx.invert.InversionOptions;
import dev.pleat.onnx.invert.Inverted;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Chooses the best repair that is possible, and gets the inputs that it runs on. */
public final class RepairPlanner {
  /** Of a set that has more, this many are as good. */
  private static final int USUAL_SAMPLES = 1024;

  private final OnnxModel model;
  private final Map<String, long[]> inputShapes;
  private final OptionalInt samples;
  private final int threads;
  private final Progress progress;

  /**
   * A planner for one model.
   *
   * @param samples how many inputs; empty for a number that suits their source
   */
  public RepairPlanner(
      OnnxModel model,
      Map<String, long[]> inputShapes,
      OptionalInt samples,
      int threads,
      Progress progress) {
    this.model = model;
    this.inputShapes = inputShapes;
    this.samples = samples;
    this.threads = threads;
    this.progress = progress;
  }

  /**
   * The plan.
   *
   * @throws PleatException when the repair that is asked for is not possible
   */
  public RepairPlan plan(FoldOptions options, InputSource source) {
    Repair repair = options.repair();
    if (repair == Repair.NONE || repair == Repair.APPROXIMATE) {
      return new RepairPlan(repair, Optional.empty(), "asked for");
    }
    if (!(source instanceof InputSource.Made)) {
      CalibrationInputs inputs = inputs(source, options.seed());
      Repair chosen = repair == Repair.AUTO ? Repair.LEAST_SQUARES : repair;
      return new RepairPlan(
          chosen,
          Optional.of(inputs),
          "%s, on %s"
              .formatted(
                  repair == Repair.AUTO ? "inputs are given" : "asked for", inputs.description()));
    }
    if (repair == Repair.AUTO) {
      boolean merges = options.method() == Method.FOLD || options.method() == Method.RANDOM;
      return new RepairPlan(Repair.AUTO, Optional.empty(), "");
    }
    CalibrationInputs inputs = inputs(source, options.seed());
    return new RepairPlan(repair, Optional.of(inputs), "asked for, on " + inputs.description());
  }

  private CalibrationInputs inputs(InputSource source, long seed) {
    return switch (source) {
      case InputSource.Given(CalibrationInputs inputs) -> inputs;
      case InputSource.Files files -> open(files);
      case InputSource.Made made -> {
        Inverted inverted =
            Inversion.run(model, InversionOptions.of(seed).withInputShapes(inputShapes), progress);
        yield new HeldInputs(
            inverted.images().shape()[0] + " made inputs", inverted.input(), inverted.images());
      }
    };
  }

  private CalibrationInputs open(InputSource.Files files) {
    List<TensorType> types;
    try (OnnxSession session = OnnxSession.open(model.file(), threads)) {
      types = session.inputs();
    }
    Path path = files.path();
    if (java.nio.file.Files.isRegularFile(path) && TensorFile.isOne(path)) {
      return TensorCalibration.of(TensorFile.open(path), types, samples.orElse(USUAL_SAMPLES));
    }
    ImageSet images = ImageSets.open(path, Optional.empty());
    return new ImageCalibration(
        images,
        ImageInput.of(types, inputShapes, files.preprocessing()),
        Math.min(samples.orElse(USUAL_SAMPLES), images.count()));
  }
}
