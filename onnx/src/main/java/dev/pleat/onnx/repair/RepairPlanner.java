package dev.pleat.onnx.repair;

import dev.pleat.core.PleatException;
import dev.pleat.core.Setting;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Strategy;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.onnx.choose.DrawnInputs;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.data.ImageCalibration;
import dev.pleat.onnx.data.ImageInput;
import dev.pleat.onnx.data.ImageSet;
import dev.pleat.onnx.data.ImageSets;
import dev.pleat.onnx.data.TensorCalibration;
import dev.pleat.onnx.data.TensorFile;
import dev.pleat.onnx.invert.Inversion;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.request.Effort;
import dev.pleat.onnx.request.InputSource;
import dev.pleat.onnx.request.InversionOptions;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.text.TokenInputs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Resolves the strategy of a fold of a file: the best repair that is possible, and the inputs that
 * it runs on. Real folds, dry runs and inspections all ask here, before they plan any width.
 */
public final class RepairPlanner {
  /** Of a set that has more, this many are as good. */
  private static final int USUAL_GIVEN = 1024;

  private static final int USUAL_GENERATED = 256;

  private static final Setting DATA = Setting.of("data");

  private static final String ASKED = "asked for";

  private final OnnxModel model;
  private final List<ChannelGroup> groups;
  private final TensorStore tensors;
  private final Map<String, long[]> inputShapes;
  private final OptionalInt samples;
  private final int threads;
  private final MadeInputs madeInputs;
  private final Progress progress;

  /**
   * A planner for one model.
   *
   * @param groups those of it that can fold
   * @param tensors of the groups
   * @param samples how many inputs; empty for a number that suits their source
   * @param madeInputs of this model, in earlier plans
   */
  public RepairPlanner(
      OnnxModel model,
      List<ChannelGroup> groups,
      TensorStore tensors,
      Map<String, long[]> inputShapes,
      OptionalInt samples,
      int threads,
      MadeInputs madeInputs,
      Progress progress) {
    this.model = model;
    this.groups = groups;
    this.tensors = tensors;
    this.inputShapes = inputShapes;
    this.samples = samples;
    this.threads = threads;
    this.madeInputs = madeInputs;
    this.progress = progress;
  }

  /**
   * Checks, before anything is read, that a repair goes with the method and a source of inputs.
   *
   * @throws PleatException when it does not
   */
  public static void check(FoldOptions options, InputSource source) {
    Repair repair = options.repair();
    Strategy.check(options.method(), repair);
    if (repair == Repair.SELF) {
      throw PleatException.naming(
          "%s is for directories of language models; for an .onnx file use least-squares or auto",
          repair.setting());
    }
    boolean made = source instanceof InputSource.Made;
    if (!made && !repair.takesInputs() && repair != Repair.INVERSION) {
      throw PleatException.naming(
          "%s runs on no inputs: leave out %s, or use %s",
          repair.setting(), DATA, Repair.AUTO.setting());
    }
    if (repair == Repair.DATA && made) {
      throw PleatException.naming(
          "%s needs inputs: name them with %s, or use %s",
          repair.setting(), Setting.of("data", "PATH"), Repair.INVERSION.setting());
    }
    if (repair == Repair.INVERSION && !made) {
      throw PleatException.naming(
          "%s makes its own inputs: leave out %s, or use %s",
          repair.setting(), DATA, Repair.DATA.setting());
    }
  }

  /**
   * Resolves the strategy, and makes or opens the inputs of its repair. Whether anybody wants the
   * inputs does not change the strategy.
   *
   * @param making whether the inputs are wanted. Without, none are made unless nothing but making
   *     them tells whether there are any; those that are given are opened all the same, so that
   *     what is wrong with them is known
   * @throws PleatException when the repair that is asked for, checked already, is not possible
   */
  public RepairPlan plan(FoldOptions options, InputSource source, boolean making) {
    RepairPlan plan = resolve(options, source, making);
    return making ? plan : plan.strategyAlone();
  }

  private RepairPlan resolve(FoldOptions options, InputSource source, boolean making) {
    Repair repair = options.repair();
    Method method = options.method();
    return switch (repair) {
      case NONE, APPROXIMATE -> RepairPlan.without(Strategy.onWeights(method, repair, ASKED, ""));
      case AUTO ->
          source instanceof InputSource.Made(Effort effort)
              ? best(options, effort, making)
              : given(
                  source,
                  method,
                  method.mixesItsOwnWay() ? Repair.DATA : Repair.LEAST_SQUARES,
                  "the best that inputs allow");
      case INVERSION -> inverted(options, making);
      case LEAST_SQUARES ->
          source instanceof InputSource.Made(Effort effort)
              ? fittedAsAsked(options, effort, making)
              : given(source, method, repair, ASKED);
      case DATA -> given(source, method, repair, ASKED);
      case SELF -> throw new IllegalArgumentException("checked before");
    };
  }

  /** Without data, what the network makes of its own statistics serves nearly as well. */
  private RepairPlan best(FoldOptions options, Effort effort, boolean making) {
    Method method = options.method();
    if (!method.averages()) {
      return RepairPlan.without(Strategy.unrepaired(method, ""));
    }
    // Convolutions of noise tell nothing of images, but linear layers gain from any inputs, and
    // tokens at random are all that there is of text.
    boolean noiseServes = !hasConvolution() || TokenInputs.areAllOf(model);
    if (making || !noiseServes) {
      RepairPlan made = made(options, effort, "the best that is possible without data", making);
      if (made.strategy().repair() == Repair.LEAST_SQUARES || !noiseServes) {
        return made;
      }
    }
    try {
      return onGenerated(options, "the best without data");
    } catch (PleatException e) {
      return RepairPlan.without(
          Strategy.withoutInputs(method, groups, tensors, String.valueOf(e.getMessage())));
    }
  }

  private RepairPlan fittedAsAsked(FoldOptions options, Effort effort, boolean making) {
    if (making) {
      RepairPlan made = made(options, effort, ASKED, true);
      if (made.inputs().isPresent()) {
        return made;
      }
    }
    return onGenerated(options, ASKED);
  }

  /**
   * Optimised where the network has statistics and the effort allows, else drawn, else none.
   *
   * @param making whether inputs that can be drawn need not be
   */
  private RepairPlan made(FoldOptions options, Effort effort, String reason, boolean making) {
    Method method = options.method();
    long seed = options.seed();
    if (!making && DrawnInputs.arePossible(model, inputShapes, seed, threads)) {
      return RepairPlan.without(
          Strategy.onWeights(
              method,
              Repair.LEAST_SQUARES,
              reason + ", on inputs that the network makes or chooses",
              ""));
    }
    String instead = "";
    try {
      InversionOptions inversion = toFit(seed, inputShapes, samples, threads);
      Optional<CalibrationInputs> made =
          madeInputs.of(model, inversion, effort.mostWork(), progress);
      if (made.isPresent()) {
        return on(made.get(), method, reason, "");
      }
      instead =
          effort == Effort.LOW
              ? ""
              : " (optimising even few of them would take more than a few minutes; --effort high"
                  + " does)";
    } catch (PleatException e) {
      instead = " (" + e.getMessage() + ")";
    }
    try {
      DrawnInputs drawn = madeInputs.drawn(model, inputShapes, samples, seed, threads, progress);
      return on(drawn.inputs(), method, reason, instead);
    } catch (PleatException e) {
      return RepairPlan.without(
          Strategy.withoutInputs(method, groups, tensors, String.valueOf(e.getMessage())));
    }
  }

  /** Least squares on some inputs. */
  private static RepairPlan on(
      CalibrationInputs inputs, Method method, String reason, String more) {
    return on(inputs, method, Repair.LEAST_SQUARES, reason, more);
  }

  private static RepairPlan on(
      CalibrationInputs inputs, Method method, Repair repair, String reason, String more) {
    String why = "%s, on %s%s".formatted(reason, inputs.description(), more);
    return RepairPlan.on(inputs, Strategy.onWeights(method, repair, why, ""));
  }

  private RepairPlan inverted(FoldOptions options, boolean making) {
    InversionOptions inversion = inversion(options.seed(), InversionOptions.USUAL_STEPS);
    if (!making) {
      Inversion.prepare(model, inversion);
      return RepairPlan.without(Strategy.onWeights(options.method(), Repair.INVERSION, ASKED, ""));
    }
    CalibrationInputs made =
        madeInputs.of(model, inversion, Double.POSITIVE_INFINITY, progress).orElseThrow();
    return on(made, options.method(), Repair.INVERSION, ASKED, "");
  }

  private RepairPlan onGenerated(FoldOptions options, String reason) {
    GeneratedCalibration inputs = generated(options.seed());
    String more =
        inputs.obstacle().isEmpty()
            ? ""
            : " (tokens at random, because the tokenizer beside it cannot be used: %s)"
                .formatted(inputs.obstacle());
    return on(inputs, options.method(), reason, more);
  }

  private GeneratedCalibration generated(long seed) {
    return samples.isPresent()
        ? GeneratedCalibration.of(model, inputShapes, samples.getAsInt(), seed, threads)
        : GeneratedCalibration.atMost(USUAL_GENERATED, model, inputShapes, seed, threads);
  }

  private boolean hasConvolution() {
    return model.nodes().stream().anyMatch(node -> node.getOpType().contains("Conv"));
  }

  private InversionOptions inversion(long seed, int usualSteps) {
    return toFit(seed, inputShapes, samples, threads).withUsualSteps(usualSteps);
  }

  /** How inputs are made that layers are fitted to. */
  public static InversionOptions toFit(
      long seed, Map<String, long[]> inputShapes, OptionalInt samples, int threads) {
    return InversionOptions.of(seed)
        .withInputShapes(inputShapes)
        .withThreads(threads)
        .withUsualSteps(InversionOptions.STEPS_TO_FIT)
        .withImages(samples);
  }

  private RepairPlan given(InputSource source, Method method, Repair repair, String reason) {
    return switch (source) {
      case InputSource.Given(CalibrationInputs inputs) -> on(inputs, method, repair, reason, "");
      case InputSource.Files files -> open(files, method, repair, reason);
      case InputSource.Made made -> throw new IllegalArgumentException("made inputs are not given");
    };
  }

  private RepairPlan open(InputSource.Files files, Method method, Repair repair, String reason) {
    List<TensorType> types;
    try (OnnxSession session = OnnxSession.open(model.file(), threads)) {
      types = session.inputs();
    }
    int most = samples.orElse(USUAL_GIVEN);
    Path path = files.path();
    if (Files.isRegularFile(path) && TensorFile.isOne(path)) {
      TensorFile file = TensorFile.open(path);
      return on(TensorCalibration.of(file, types, most), method, repair, reason, "").closing(file);
    }
    ImageSet images = ImageSets.open(path, Optional.empty());
    ImageInput input = ImageInput.of(types, inputShapes, files.preprocessing());
    int count = Math.min(most, images.count());
    return on(new ImageCalibration(images, input, count), method, repair, reason, "");
  }
}
