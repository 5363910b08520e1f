package dev.pleat.onnx.invert;

import dev.pleat.onnx.request.InversionOptions;
import java.util.Locale;

/**
 * How many images are made, in how many steps and batches.
 *
 * @param images images in all
 * @param steps of the optimiser for each batch
 * @param batches as equal as can be
 * @param work what all of it takes, as {@link StepCost#work()} has it; 0 where it cannot be counted
 * @param reason why these, for people
 */
record InversionSizes(int images, int steps, int batches, double work, String reason) {
  /** More images repair little better. */
  private static final int USUAL_IMAGES = 256;

  /** Fewer images have statistics too poor to repair with, whatever their size. */
  private static final int LEAST_IMAGES = 48;

  /**
   * A quarter of the usual steps reaches the statistics nearly as well. So many images in as few
   * steps repair better than a half or a quarter of them in all steps.
   */
  private static final int LEAST_SHARE_OF_STEPS = 4;

  /** Memory of one batch. It must fit a laptop; the machine has no say, or the images would. */
  private static final double MOST_BYTES = 2L << 30;

  /**
   * Chooses.
   *
   * @param fixedBatch the batch that the network is fixed to; 0 where it takes any
   */
  static InversionSizes choose(StepCost cost, InversionOptions options, int fixedBatch) {
    double affordable = options.mostWork() / Math.max(cost.work(), 1);
    int usual = options.usualSteps();
    int least = Math.ceilDiv(usual, LEAST_SHARE_OF_STEPS);
    int images =
        options.images().orElse((int) Math.clamp(affordable / least, LEAST_IMAGES, USUAL_IMAGES));
    int steps = options.steps().orElse((int) Math.clamp(affordable / images, least, usual));
    int batch = (int) Math.clamp(MOST_BYTES / Math.max(cost.bytes(), 1), 1, USUAL_IMAGES);
    batch = fixedBatch > 0 ? fixedBatch : options.batch().orElse(batch);
    int batches = (images - 1) / batch + 1;
    images = fixedBatch > 0 ? Math.multiplyExact(batches, fixedBatch) : images;
    return new InversionSizes(
        images,
        steps,
        batches,
        cost.work() * images * steps,
        reason(cost, images, steps, options, batches, fixedBatch));
  }

  private static String reason(
      StepCost cost, int images, int steps, InversionOptions options, int batches, int fixedBatch) {
    StringBuilder reason =
        new StringBuilder("%d images in %d batches, %d steps".formatted(images, batches, steps));
    if (cost.flops() > 0) {
      reason.append(
          String.format(Locale.ROOT, "; about %.3g TFLOP", cost.flops() * images * steps / 1e12));
      double usual = cost.work() * USUAL_IMAGES * options.usualSteps() / options.mostWork();
      if (usual > 1) {
        reason.append(
            String.format(
                Locale.ROOT,
                " (%d images in %d steps would be %.1f times the default's most; --images and --steps decide)",
                USUAL_IMAGES,
                options.usualSteps(),
                usual));
      }
    }
    if (fixedBatch > 0) {
      reason.append(
          "; the network only runs batches of %d, so the statistics of each are poor: export it with an open batch for better images"
              .formatted(fixedBatch));
    }
    return reason.toString();
  }

  /** The first image of a batch. */
  int start(int batch) {
    return (int) ((long) images * batch / batches);
  }
}
