package dev.pleat.onnx.repair;

import dev.pleat.core.reconstruct.ChannelMoments;
import java.util.SplittableRandom;

/**
 * Deals blocks of samples out to those that are fitted and those that judge the fit: one of every
 * five judges, drawn by a fixed seed, since inputs of several kinds may take turns; of the first
 * five the last, so that fewer are all fitted.
 */
final class HeldOut {
  /** One block in this many judges. */
  private static final int EVERY = 5;

  private static final long SEED = 5;

  /** Floats of a block at most. */
  private static final int BLOCK = 1 << 21;

  /** Samples of a block; few, so that few inputs make several blocks. */
  private static final int SAMPLES = 1024;

  private final ChannelMoments fitted;
  private final ChannelMoments heldOut;
  private final SplittableRandom random = new SplittableRandom(SEED);
  private int blocks;
  private int judging = EVERY - 1;

  HeldOut(ChannelMoments fitted, ChannelMoments heldOut) {
    this.fitted = fitted;
    this.heldOut = heldOut;
  }

  /**
   * How many entries of a batch make a block.
   *
   * @param samples samples in an entry
   * @param values values in a sample
   */
  int step(int samples, int values) {
    int usual = Math.max(1, SAMPLES / samples);
    return Math.clamp(BLOCK / ((long) samples * values), 1, usual);
  }

  /** Where the next block goes. */
  ChannelMoments next() {
    int place = blocks++ % EVERY;
    if (place == 0 && blocks > EVERY) {
      judging = random.nextInt(EVERY);
    }
    return place == judging ? heldOut : fitted;
  }

  /** Whether all samples were finite numbers. */
  boolean isFinite() {
    return fitted.isFinite() && heldOut.isFinite();
  }
}
