package dev.pleat.onnx.invert;

import java.util.Locale;

/**
 * How many images are made, in how many steps and batches.
 *
 * @param images images in all
 * @param steps of the optimiser for each batch
 * @param batches as equal as can be
 * @param usualFlops operations of as many as are usual, 0 where they cannot be counted
 * @param reason why these, for people
 */
record Sizes(int images, int steps, int batches, double usualFlops, String reason) {
  /** More images repair little better. */
  private static final int USUAL_IMAGES = 256;

  /** Fewer images have statistics too poor to repair with, and fewer steps do not reach them. */
  private static final int LEAST_IMAGES = 32;

  private static final int LEAST_STEPS = 80;

  /** Operations that are spent unless asked for more: 10 to 30 minutes on two usual cores. */
  private static final double MOST_FLOPS = 1.5e14;

  /** Memory of one batch. It must fit a laptop; the machine has no say, or the images would. */
  private static final double MOST_BYTES = 3L << 30;

  /**
   * Chooses.
   *
   * @param fixedBatch the batch that the network is fixed to; 0 where it takes any
   */
  static Sizes choose(Cost cost, InversionOptions options, int fixedBatch) {
    double affordable = MOST_FLOPS / Math.max(cost.flops(), 1);
    int usual = Math.max(LEAST_STEPS, options.usualSteps());
    int images =
        options.images().orElse((int) Math.clamp(affordable / usual, LEAST_IMAGES, USUAL_IMAGES));
    int steps = options.steps().orElse((int) Math.clamp(affordable / images, LEAST_STEPS, usual));
    int batch = (int) Math.clamp(MOST_BYTES / Math.max(cost.bytes(), 1), 1, USUAL_IMAGES);
    batch = fixedBatch > 0 ? fixedBatch : options.batch().orElse(batch);
    int batches = (images - 1) / batch + 1;
    images = fixedBatch > 0 ? Math.multiplyExact(batches, fixedBatch) : images;
    double usualFlops = cost.flops() * options.images().orElse(USUAL_IMAGES) * usual;
    return new Sizes(
        images,
        steps,
        batches,
        usualFlops,
        reason(cost, images, steps, usual, batches, fixedBatch));
  }

  private static String reason(
      Cost cost, int images, int steps, int usualSteps, int batches, int fixedBatch) {
    StringBuilder reason =
        new StringBuilder("%d images in %d batches, %d steps".formatted(images, batches, steps));
    if (cost.flops() > 0) {
      reason.append(
          String.format(Locale.ROOT, "; about %.3g TFLOP", cost.flops() * images * steps / 1e12));
      double usual = cost.flops() * USUAL_IMAGES * usualSteps / MOST_FLOPS;
      if (usual > 1) {
        reason.append(
            String.format(
                Locale.ROOT,
                " (%d images in %d steps would be %.1f times the default's most; --images and --steps decide)",
                USUAL_IMAGES,
                usualSteps,
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
