package dev.pleat.onnx.network;

import java.util.Random;

/**
 * The channels of one axis of a network that exists twice: as it is, and with every channel
 * standing in one or more copies in random order.
 *
 * @param channels channels of the narrow network
 * @param copyOf for each channel of the wide network, the narrow channel that it copies
 */
public record Width(int channels, int[] copyOf) {

  /** A width that is never duplicated. */
  public static Width plain(int channels) {
    int[] copyOf = new int[channels];
    java.util.Arrays.setAll(copyOf, i -> i);
    return new Width(channels, copyOf);
  }

  /**
   * Twice as many channels, each narrow one at least once, shuffled within {@code chunks} equal
   * chunks.
   */
  public static Width doubled(int channels, int chunks, Random random) {
    int size = channels / chunks;
    int[] copyOf = new int[2 * channels];
    for (int chunk = 0; chunk < chunks; chunk++) {
      for (int i = 0; i < 2 * size; i++) {
        copyOf[chunk * 2 * size + i] = chunk * size + (i < size ? i : random.nextInt(size));
      }
      for (int i = 2 * size - 1; i > 0; i--) {
        int a = chunk * 2 * size + i;
        int b = chunk * 2 * size + random.nextInt(i + 1);
        int swap = copyOf[a];
        copyOf[a] = copyOf[b];
        copyOf[b] = swap;
      }
    }
    return new Width(channels, copyOf);
  }

  /** The channels of two axes one after the other. */
  public Width then(Width other) {
    int[] both = java.util.Arrays.copyOf(copyOf, copyOf.length + other.copyOf.length);
    for (int i = 0; i < other.copyOf.length; i++) {
      both[copyOf.length + i] = channels + other.copyOf[i];
    }
    return new Width(channels + other.channels, both);
  }

  /** Random shares of each copy that add up to 1 over the copies of one channel. */
  float[] shares(Random random) {
    float[] shares = new float[copyOf.length];
    double[] sums = new double[channels];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = 0.2f + random.nextFloat();
      sums[copyOf[i]] += shares[i];
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] = (float) (shares[i] / sums[copyOf[i]]);
    }
    return shares;
  }
}
