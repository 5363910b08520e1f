package dev.pleat.onnx.repair;

import dev.pleat.core.reconstruct.ChannelMoments;

/** Deals blocks of samples out to those that are fitted and those that judge the fit. */
final class HeldOut {
  /** One block in this many judges. */
  private static final int EVERY = 5;

  /** Floats of a block. */
  private static final int BLOCK = 1 << 21;

  /** Entries of a batch in a block; few, so that few inputs make several blocks. */
  private static final int MOST_ENTRIES = 8;

  private final ChannelMoments fitted;
  private final ChannelMoments heldOut;
  private int blocks;

  HeldOut(ChannelMoments fitted, ChannelMoments heldOut) {
    this.fitted = fitted;
    this.heldOut = heldOut;
  }

  /** How many entries of a batch make a block when one has this many floats. */
  int step(long floats) {
    return Math.clamp(BLOCK / Math.max(1, floats), 1, MOST_ENTRIES);
  }

  /** Where the next block goes. */
  ChannelMoments next() {
    return ++blocks % EVERY == 0 ? heldOut : fitted;
  }
}
