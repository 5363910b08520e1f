package dev.pleat;

import dev.pleat.core.budget.Precision;
import dev.pleat.core.fold.Target;
import dev.pleat.onnx.data.Preprocessing;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.output.OutputCheck;
import dev.pleat.onnx.request.Effort;
import dev.pleat.onnx.request.InputSource;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One fold of an ONNX file. Without a target it becomes the smallest model that does what the
 * original does for 98 % of inputs.
 */
public final class FileFold extends FoldRequest<FileFold> {
  private static final double USUAL_QUALITY = 0.98;

  /**
   * What only files have.
   *
   * @param inputShapes shapes of inputs by name where the model leaves dimensions open
   * @param source of the inputs that repairs run on
   * @param samples how many of them; empty for a number that suits the source
   * @param timed whether both models are timed once the fold is verified
   */
  private record Runs(
      Map<String, long[]> inputShapes, InputSource source, OptionalInt samples, boolean timed) {}

  private final Runs runs;

  private FileFold(Settings settings, Runs runs) {
    super(settings);
    this.runs = runs;
  }

  private static FileFold of(Settings settings) {
    return new FileFold(
        settings, new Runs(Map.of(), new InputSource.Made(), OptionalInt.empty(), false));
  }

  /** A fold of one file into another. */
  public static FileFold of(Path input, Path output) {
    return of(Settings.of(input, Optional.of(output)));
  }

  /** A fold that has nowhere to write, to be looked at. */
  public static FileFold of(Path input) {
    return of(Settings.of(input, Optional.empty()));
  }

  @Override
  FileFold with(Settings other) {
    return new FileFold(other, runs);
  }

  private FileFold with(Runs other) {
    return new FileFold(settings(), other);
  }

  @Override
  Target usualTarget() {
    return new Target.Keep(USUAL_QUALITY);
  }

  @Override
  public OutputCheck outputs() {
    OutputCheck check = new OutputCheck().reads(input());
    if (runs.source instanceof InputSource.Files given) {
      check.reads(given.path());
    }
    if (!dryRun()) {
      output().ifPresent(check::writesModel);
    }
    return check;
  }

  /** As the engine takes it. */
  FileFoldRequest request() {
    return new FileFoldRequest(
        input(),
        output().orElse(Path.of("")),
        options(),
        verify(),
        dryRun(),
        force(),
        threads(),
        runs.inputShapes,
        runs.source,
        runs.samples);
  }

  /** Shapes of inputs by name where the model leaves dimensions open. */
  public Map<String, long[]> inputShapes() {
    return runs.inputShapes;
  }

  /** Where the inputs of repairs come from. */
  public InputSource source() {
    return runs.source;
  }

  /** How many inputs repairs run on; empty for a number that suits their source. */
  public OptionalInt samples() {
    return runs.samples;
  }

  boolean timed() {
    return runs.timed;
  }

  /** Makes the model as small as this says. */
  public FileFold target(Target target) {
    return with(settings().with(target));
  }

  /**
   * Makes the smallest model whose quality on inputs that nothing was fitted to stays at or above
   * this, in (0, 1]: the share of inputs that a classifier puts in the same class, else fidelity.
   */
  public FileFold keep(double quality) {
    return target(new Target.Keep(quality));
  }

  /** Lets one run take at most this share of the original's time, measured here, in (0, 1]. */
  public FileFold latencyBudget(double share) {
    return target(new Target.Latency(share));
  }

  /** Lets the weights, held in this precision, take at most this many bytes. */
  public FileFold flash(long bytes, Precision precision) {
    return target(new Target.Flash(bytes, precision));
  }

  /** Lets the activations that are alive at once take at most this many bytes for one sample. */
  public FileFold ram(long bytes, Precision precision) {
    return target(new Target.Ram(bytes, precision));
  }

  /** The shape of an input whose dimensions the model leaves open; {@code *} is the only input. */
  public FileFold inputShape(String name, long... shape) {
    Map<String, long[]> shapes = new LinkedHashMap<>(runs.inputShapes);
    shapes.put(name, shape.clone());
    return with(new Runs(shapes, runs.source, runs.samples, runs.timed));
  }

  /** Repairs on these unlabelled inputs: an {@code .npy} or {@code .npz} file, or plain images. */
  public FileFold data(Path inputs) {
    return data(inputs, Preprocessing.plain());
  }

  /** Repairs on unlabelled images, a folder, an IDX file or CIFAR binaries. */
  public FileFold data(Path images, Preprocessing preprocessing) {
    return source(new InputSource.Files(images, preprocessing));
  }

  /** Repairs on inputs that the network makes with so much work. */
  public FileFold effort(Effort effort) {
    return source(new InputSource.Made(effort));
  }

  /** Repairs on inputs from there. */
  public FileFold source(InputSource source) {
    return with(new Runs(runs.inputShapes, source, runs.samples, runs.timed));
  }

  /** Repairs on so many inputs. */
  public FileFold samples(int count) {
    return with(new Runs(runs.inputShapes, runs.source, OptionalInt.of(count), runs.timed));
  }

  /** Whether to time original and result too, which takes a second; not unless somebody asks. */
  public FileFold timed(boolean timing) {
    return with(new Runs(runs.inputShapes, runs.source, runs.samples, timing));
  }
}
