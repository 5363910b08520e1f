package dev.pleat.onnx.invert;

import dev.pleat.core.PleatException;
import dev.pleat.core.cluster.SplitMix64;
import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes inputs for a network without data, from the statistics that its batch normalisations hold
 * (Yin et al., "Dreaming to Distill", CVPR 2020, arXiv 1912.08795).
 */
public final class Inversion {
  private final InversionPlan plan;
  private final InversionOptions options;
  private final Progress progress;

  private Inversion(InversionPlan plan, InversionOptions options, Progress progress) {
    this.plan = plan;
    this.options = options;
    this.progress = progress;
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
    return new Inversion(InversionPlan.of(model, options), options, progress).run();
  }

  private Inverted run() {
    Pixels all = plan.pixels().batch(plan.images());
    float[] images = new float[Math.multiplyExact(plan.images(), all.imageSize())];
    int[] labels = labels();
    List<List<LossTerms>> losses = new ArrayList<>();
    boolean diverged = false;
    int batches = plan.batches();
    progress.begin("invert", Math.multiplyExact(batches, plan.steps()));
    try (LossRun run = new LossRun(plan.graph(), plan.pixels(), options.threads())) {
      Scale scale = Scale.unit(1);
      for (int b = 0; b < batches; b++) {
        int from = plan.start(b);
        int to = plan.start(b + 1);
        Pixels pixels = plan.pixels().batch(to - from);
        int[] wanted = Arrays.copyOfRange(labels, Math.min(from, labels.length), Math.min(to, labels.length));
        float[] noise = noise(pixels, from);
        if (b == 0) {
          scale = new StartingScale(run, pixels, wanted, noise).find(plan.input());
        }
        BatchInversion batch =
            new BatchInversion(run, pixels, scale, options.weights(), plan.steps(), progress);
        BatchInversion.Result result = batch.run(noise, wanted);
        System.arraycopy(result.images(), 0, images, from * all.imageSize(), result.images().length);
        losses.add(result.losses());
        diverged |= result.diverged();
      }
    }
    return new Inverted(
        plan.input(),
        new TensorValue.Floats(all.shape(), images),
        Arrays.stream(labels).boxed().toList(),
        losses,
        diverged);
  }

  /** Classes in turn, each turn in the same random order. */
  private int[] labels() {
    int classes = plan.classes();
    if (classes == 0) {
      return new int[0];
    }
    int[] order = new SplitMix64(options.seed()).permutation(classes);
    int[] labels = new int[plan.images()];
    Arrays.setAll(labels, i -> order[i % classes]);
    return labels;
  }

  /** Noise of each image from its own stream, so that it does not depend on the batches. */
  private float[] noise(Pixels pixels, int from) {
    float[] noise = new float[pixels.images() * pixels.imageSize()];
    for (int i = 0; i < pixels.images(); i++) {
      SplitMix64 seeds = new SplitMix64(options.seed());
      long stream = seeds.nextLong() + from + i;
      PinkNoise.fill(pixels, noise, i, new SplitMix64(new SplitMix64(stream).nextLong()));
    }
    return noise;
  }
}
