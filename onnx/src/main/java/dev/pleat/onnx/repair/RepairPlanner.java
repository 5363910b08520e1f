package dev.pleat.onnx.repair;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.onnx.choose.DrawnInputs;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.data.ImageCalibration;
import dev.pleat.onnx.data.ImageInput;
import dev.pleat.onnx.data.ImageSet;
import dev.pleat.onnx.data.ImageSets;
import dev.pleat.onnx.data.TensorCalibration;
import dev.pleat.onnx.data.TensorFile;
import dev.pleat.onnx.invert.InversionOptions;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Chooses the best repair that is possible, and gets the inputs that it runs on. */
public final class RepairPlanner {
  /** Of a set that has more, this many are as good. */
  private static final int USUAL_GIVEN = 1024;

  private static final int USUAL_GENERATED = 256;

  private final OnnxModel model;
  private final Map<String, long[]> inputShapes;
  private final OptionalInt samples;
  private final int threads;
  private final MadeInputs madeInputs;
  private final Progress progress;

  /**
   * A planner for one model.
   *
   * @param samples how many inputs; empty for a number that suits their source
   * @param madeInputs of this model, in earlier plans
   */
  public RepairPlanner(
      OnnxModel model,
      Map<String, long[]> inputShapes,
      OptionalInt samples,
      int threads,
      MadeInputs madeInputs,
      Progress progress) {
    this.model = model;
    this.inputShapes = inputShapes;
    this.samples = samples;
    this.threads = threads;
    this.madeInputs = madeInputs;
    this.progress = progress;
  }

  /**
   * Checks, before anything is read, that a repair goes with a source of inputs.
   *
   * @throws PleatException when it does not
   */
  public static void check(Repair repair, InputSource source) {
    if (repair == Repair.SELF) {
      throw new PleatException(
          "--repair self is for directories of language models; for an .onnx file use least-squares or auto");
    }
    boolean made = source instanceof InputSource.Made;
    if (!made && (repair == Repair.NONE || repair == Repair.APPROXIMATE)) {
      throw new PleatException(
          "--repair %s runs on no inputs: leave out --data, or use --repair auto"
              .formatted(repair.spelling()));
    }
    if (repair == Repair.DATA && made) {
      throw new PleatException(
          "--repair data needs inputs: name them with --data PATH, or use --repair inversion");
    }
    if (repair == Repair.INVERSION && !made) {
      throw new PleatException(
          "--repair inversion makes its own inputs: leave out --data, or use --repair data");
    }
  }

  /**
   * The plan.
   *
   * @param dryRun whether nothing is to be run, so that no inputs are needed
   * @throws PleatException when the repair that is asked for, checked already, is not possible
   */
  public RepairPlan plan(FoldOptions options, InputSource source, boolean dryRun) {
    Repair repair = options.repair();
    boolean made = source instanceof InputSource.Made;
    if (repair == Repair.NONE || repair == Repair.APPROXIMATE) {
      return RepairPlan.without(repair, "asked for", "");
    }
    if (dryRun) {
      return RepairPlan.without(repair, repair == Repair.AUTO ? "" : "asked for", "");
    }
    return switch (repair) {
      case AUTO ->
          source instanceof InputSource.Made(Effort effort)
              ? best(options, effort)
              : given(source, Repair.LEAST_SQUARES, "the best that inputs allow");
      case INVERSION ->
          RepairPlan.on(invert(options.seed(), InversionOptions.USUAL_STEPS), repair, "asked for");
      case LEAST_SQUARES ->
          source instanceof InputSource.Made(Effort effort)
              ? madeOrGenerated(options.seed(), effort)
              : given(source, repair, "asked for");
      default -> given(source, repair, "asked for");
    };
  }

  /** Without data, what the network makes of its own statistics serves nearly as well. */
  private RepairPlan best(FoldOptions options, Effort effort) {
    if (!options.method().merges()) {
      return RepairPlan.without(Repair.AUTO, "", "");
    }
    RepairPlan made = made(options.seed(), effort, "the best that is possible without data");
    if (made.inputs().isPresent() || hasConvolution()) {
      return made;
    }
    // Convolutions of noise tell nothing of images, but linear layers gain from any inputs.
    try {
      return RepairPlan.on(
          generated(options.seed()),
          Repair.LEAST_SQUARES,
          "the best without data or batch normalisations");
    } catch (PleatException e) {
      return RepairPlan.without(Repair.AUTO, "", String.valueOf(e.getMessage()));
    }
  }

  private RepairPlan madeOrGenerated(long seed, Effort effort) {
    RepairPlan made = made(seed, effort, "asked for");
    return made.inputs().isPresent()
        ? made
        : RepairPlan.on(generated(seed), Repair.LEAST_SQUARES, "asked for");
  }

  /** Optimised where the network has statistics and the effort allows, else drawn, else none. */
  private RepairPlan made(long seed, Effort effort, String reason) {
    String instead = "";
    try {
      InversionOptions options = inversion(seed, InversionOptions.STEPS_TO_FIT);
      Optional<CalibrationInputs> made = madeInputs.of(model, options, effort.mostWork(), progress);
      if (made.isPresent()) {
        return RepairPlan.on(made.get(), Repair.LEAST_SQUARES, reason);
      }
      instead =
          effort == Effort.LOW
              ? ""
              : " (optimising even few of them would take more than a few minutes; --effort high does)";
    } catch (PleatException e) {
      instead = " (" + e.getMessage() + ")";
    }
    try {
      DrawnInputs drawn = madeInputs.drawn(model, inputShapes, samples, seed, threads, progress);
      return RepairPlan.on(drawn.inputs(), Repair.LEAST_SQUARES, reason).because(instead);
    } catch (PleatException e) {
      return RepairPlan.without(Repair.AUTO, "", String.valueOf(e.getMessage()));
    }
  }

  private CalibrationInputs generated(long seed) {
    return samples.isPresent()
        ? GeneratedCalibration.of(model, inputShapes, samples.getAsInt(), seed, threads)
        : GeneratedCalibration.atMost(USUAL_GENERATED, model, inputShapes, seed, threads);
  }

  private boolean hasConvolution() {
    return model.nodes().stream().anyMatch(node -> node.getOpType().contains("Conv"));
  }

  private InversionOptions inversion(long seed, int usualSteps) {
    return InversionOptions.of(seed)
        .withInputShapes(inputShapes)
        .withThreads(threads)
        .withUsualSteps(usualSteps)
        .withImages(samples);
  }

  private CalibrationInputs invert(long seed, int usualSteps) {
    return madeInputs
        .of(model, inversion(seed, usualSteps), Double.POSITIVE_INFINITY, progress)
        .orElseThrow();
  }

  private RepairPlan given(InputSource source, Repair repair, String reason) {
    return switch (source) {
      case InputSource.Given(CalibrationInputs inputs) -> RepairPlan.on(inputs, repair, reason);
      case InputSource.Files files -> open(files, repair, reason);
      case InputSource.Made made -> throw new IllegalArgumentException("made inputs are not given");
    };
  }

  private RepairPlan open(InputSource.Files files, Repair repair, String reason) {
    List<TensorType> types;
    try (OnnxSession session = OnnxSession.open(model.file(), threads)) {
      types = session.inputs();
    }
    int most = samples.orElse(USUAL_GIVEN);
    Path path = files.path();
    if (Files.isRegularFile(path) && TensorFile.isOne(path)) {
      TensorFile file = TensorFile.open(path);
      return RepairPlan.on(TensorCalibration.of(file, types, most), repair, reason).closing(file);
    }
    ImageSet images = ImageSets.open(path, Optional.empty());
    ImageInput input = ImageInput.of(types, inputShapes, files.preprocessing());
    int count = Math.min(most, images.count());
    return RepairPlan.on(new ImageCalibration(images, input, count), repair, reason);
  }
}
