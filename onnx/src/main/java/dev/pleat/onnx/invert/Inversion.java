package dev.pleat.onnx.invert;

import dev.pleat.core.PleatException;
import dev.pleat.core.cluster.SplitMix64;
import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.request.InversionOptions;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes inputs for a network without data, from the statistics that its batch normalisations hold
 * (Yin et al., "Dreaming to Distill", CVPR 2020, arXiv 1912.08795).
 */
public final class Inversion {
  private static final Logger LOG = LoggerFactory.getLogger(Inversion.class);

  private final InversionPlan plan;
  private final InversionOptions options;

  private Inversion(InversionPlan plan, InversionOptions options) {
    this.plan = plan;
    this.options = options;
  }

  /**
   * Makes inputs. The same model, options and seed give the same bytes at any number of threads.
   *
   * @throws dev.pleat.onnx.gradient.UnsupportedGradient when an operator on the way to a
   *     normalisation has no gradient
   * @throws PleatException when the model has no batch normalisation with statistics, has several
   *     inputs or one that is not FLOAT, does not run, or gives values that are no numbers
   */
  public static Inverted run(OnnxModel model, InversionOptions options, Progress progress) {
    return prepare(model, options).run(model, progress);
  }

  /**
   * Looks at a network without making anything yet.
   *
   * @throws PleatException as {@link #run(OnnxModel, InversionOptions, Progress)} says
   */
  public static Inversion prepare(OnnxModel model, InversionOptions options) {
    return new Inversion(InversionPlan.of(model, options), options);
  }

  /** Normalisations whose statistics the inputs are made from. */
  public int layers() {
    return plan.graph().layers().size();
  }

  /** What it takes, as {@link StepCost#work()} has it; 0 where it cannot be counted. */
  public double work() {
    return plan.sizes().work();
  }

  /** The input that it makes. */
  public String input() {
    return plan.input();
  }

  /** The axes of one such input. */
  public Pixels pixels() {
    return plan.pixels();
  }

  /** Steps of the optimiser for each batch. */
  public int steps() {
    return plan.sizes().steps();
  }

  /**
   * Makes inputs.
   *
   * @param model that this was prepared for
   */
  public Inverted run(OnnxModel model, Progress progress) {
    return run(model, Double.POSITIVE_INFINITY, progress);
  }

  /**
   * Makes inputs, or gives up after the batch that shows that they will not do.
   *
   * @param model that this was prepared for
   * @param mostMismatch the mean over layers and batches of what {@link LayerMatch} has that is
   *     still good
   * @throws PleatException when they miss the statistics by more
   */
  public Inverted run(OnnxModel model, double mostMismatch, Progress progress) {
    LOG.info("{}: {}", model.file(), plan.sizes().reason());
    Inverted inverted = make(model, mostMismatch, progress);
    if (inverted.diverged()) {
      LOG.warn(
          "{}: the optimisation of made inputs diverged; the best so far are kept", model.file());
    }
    return inverted;
  }

  private Inverted make(OnnxModel model, double mostMismatch, Progress progress) {
    InversionSizes sizes = plan.sizes();
    Pixels all = plan.pixels().batch(sizes.images());
    float[] images = new float[Math.multiplyExact(sizes.images(), all.imageSize())];
    int[] labels = labels();
    List<BatchInversion.Result> results = new ArrayList<>();
    progress.begin("invert", Math.multiplyExact(sizes.batches(), sizes.steps()));
    try (LossRun run = new LossRun(plan.graph(), plan.pixels(), options.threads())) {
      Scale scale = Scale.unit(plan.pixels().channels());
      for (int b = 0; b < sizes.batches(); b++) {
        int from = sizes.start(b);
        Pixels pixels = plan.pixels().batch(sizes.start(b + 1) - from);
        int[] wanted =
            plan.classes() == 0 ? labels : Arrays.copyOfRange(labels, from, from + pixels.images());
        float[] noise = noise(pixels, from);
        if (b == 0) {
          scale = new StartingScale(run, pixels, wanted, noise).find(plan.input());
        }
        BatchInversion.Result result =
            new BatchInversion(run, pixels, scale, options.weights(), sizes.steps(), progress)
                .run(noise, wanted);
        System.arraycopy(result.images(), 0, images, from * all.imageSize(), noise.length);
        results.add(result);
        requireMatch(model, results, mostMismatch);
      }
    }
    return new Inverted(
        plan.input(),
        new TensorValue.Floats(all.shape(), images),
        Arrays.stream(labels).boxed().toList(),
        plan.classes() == 0
            ? OptionalDouble.empty()
            : results.stream().mapToDouble(BatchInversion.Result::recognised).average(),
        matches(results),
        results.stream().map(BatchInversion.Result::losses).toList(),
        results.stream().anyMatch(BatchInversion.Result::diverged),
        sizes.reason());
  }

  private static void requireMatch(
      OnnxModel model, List<BatchInversion.Result> results, double most) {
    double mismatch =
        results.stream()
            .flatMapToDouble(result -> Arrays.stream(result.mismatches()))
            .average()
            .orElse(0);
    LOG.info("{}: made inputs miss its statistics by {}", model.file(), mismatch);
    if (Double.isFinite(most) && !(mismatch <= most)) {
      throw new PleatException(
          String.format(
              Locale.ROOT,
              "%s: inputs optimised for its statistics still miss them by %.2f of a deviation",
              model.file(),
              mismatch));
    }
  }

  private List<LayerMatch> matches(List<BatchInversion.Result> results) {
    List<LayerMatch> matches = new ArrayList<>();
    List<NormalizedLayer> layers = plan.graph().layers();
    for (int l = 0; l < layers.size(); l++) {
      int layer = l;
      double mean =
          results.stream().mapToDouble(r -> r.mismatches()[layer]).average().orElseThrow();
      matches.add(new LayerMatch(layers.get(l).name(), mean));
    }
    return matches;
  }

  /** Classes in turn, each turn in the same random order. */
  private int[] labels() {
    int classes = plan.classes();
    if (classes == 0) {
      return new int[0];
    }
    int[] order = new SplitMix64(options.seed()).permutation(classes);
    int[] labels = new int[plan.sizes().images()];
    Arrays.setAll(labels, i -> order[i % classes]);
    return labels;
  }

  /** Noise of each image from its own stream, so that it does not depend on the batches. */
  private float[] noise(Pixels pixels, int from) {
    float[] noise = new float[Math.multiplyExact(pixels.images(), pixels.imageSize())];
    long first = new SplitMix64(options.seed()).nextLong();
    for (int i = 0; i < pixels.images(); i++) {
      long stream = new SplitMix64(first + from + i).nextLong();
      PinkNoise.fill(pixels, noise, i, new SplitMix64(stream));
    }
    return noise;
  }
}
