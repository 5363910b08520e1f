package dev.pleat.onnx.invert;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.request.LossWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Optimises one batch of images. */
final class BatchInversion {
  /** The rate of the first step, in units of the starting noise; it falls linearly to 0. */
  private static final double RATE = 0.2;

  /** A loss above this many times the best for {@value #PATIENCE} steps will not come back. */
  private static final double GROWTH = 10;

  private static final int PATIENCE = 10;

  private final LossRun run;
  private final Pixels pixels;
  private final Scale scale;
  private final LossWeights weights;
  private final int steps;
  private final Progress progress;

  /**
   * What came of it.
   *
   * @param images those of the step with the least loss
   * @param mismatches of each layer for them
   * @param recognised share of them that the network takes for what they are labelled
   * @param losses of every step
   * @param diverged whether the loss grew or was no number in the end
   */
  @SuppressWarnings("ArrayRecordComponent") // Read only, never compared.
  record Result(
      float[] images,
      double[] mismatches,
      double recognised,
      List<LossTerms> losses,
      boolean diverged) {}

  BatchInversion(
      LossRun run, Pixels pixels, Scale scale, LossWeights weights, int steps, Progress progress) {
    this.run = run;
    this.pixels = pixels;
    this.scale = scale;
    this.weights = weights;
    this.steps = steps;
    this.progress = progress;
  }

  /**
   * Optimises.
   *
   * @param z the noise to start from; it is changed
   * @param labels one for each image, or none
   * @throws PleatException when the network gives no numbers for the noise itself
   */
  Result run(float[] z, int[] labels) {
    Adam adam = new Adam(z.length);
    Prior prior = new Prior(weights.variation(), weights.size());
    float[] x = new float[z.length];
    float[] images = new float[z.length];
    double[] mismatches = new double[0];
    double recognised = 0;
    double least = Double.POSITIVE_INFINITY;
    int worse = 0;
    List<LossTerms> losses = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      scale.apply(pixels, z, x);
      Measured measured = run.run(x, labels);
      float[] gradient = measured.gradient();
      scale.pull(pixels, gradient);
      Prior.Terms terms = prior.add(pixels, z, gradient);
      LossTerms loss =
          new LossTerms(
              weights.labels() * measured.labels(),
              weights.statistics() * measured.mismatch(),
              terms.variation(),
              terms.size());
      if (!Double.isFinite(loss.total())) {
        if (losses.isEmpty()) {
          throw broken(measured);
        }
        return new Result(images, mismatches, recognised, losses, true);
      }
      losses.add(loss);
      if (loss.total() < least) {
        least = loss.total();
        mismatches = measured.mismatches();
        recognised = measured.right();
        System.arraycopy(x, 0, images, 0, x.length);
      }
      worse = loss.total() > GROWTH * least ? worse + 1 : 0;
      if (worse == PATIENCE) {
        return new Result(images, mismatches, recognised, losses, true);
      }
      progress.step(loss.toString());
      adam.update(z, gradient, RATE * (1 - (double) step / steps));
    }
    return new Result(images, mismatches, recognised, losses, false);
  }

  private static PleatException broken(Measured measured) {
    Optional<NormalizedLayer> layer = measured.broken();
    return new PleatException(
        "%s is no number for ordinary noise; check the model's weights, or use --repair approximate"
            .formatted(
                layer
                    .map(l -> "what reaches %s".formatted(l.name()))
                    .orElse("the output of the network")));
  }
}
