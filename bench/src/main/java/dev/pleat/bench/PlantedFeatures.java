package dev.pleat.bench;

import dev.pleat.core.cluster.SplitMix64;
import dev.pleat.core.linalg.Features;

/** Made-up channels: near random centres as in trained layers, or without any structure. */
final class PlantedFeatures {
  private PlantedFeatures() {}

  /**
   * Channels at half a standard deviation from one of {@code centres} random centres.
   *
   * @param centres 0 for channels that have nothing in common
   */
  static Features of(int rows, int columns, int centres) {
    return Features.of(rows, values(rows, columns, centres));
  }

  /** The same as a row-major matrix. */
  static float[] values(int rows, int columns, int centres) {
    return values(rows, columns, centres, new SplitMix64(rows));
  }

  /** The same by other random numbers. */
  static float[] values(int rows, int columns, int centres, SplitMix64 random) {
    float[] middles = noise(centres * columns, random);
    float[] values = new float[rows * columns];
    for (int i = 0; i < rows; i++) {
      int middle = centres == 0 ? 0 : random.nextInt(centres) * columns;
      for (int j = 0; j < columns; j++) {
        float noise = nearlyNormal(random);
        values[i * columns + j] = centres == 0 ? noise : middles[middle + j] + 0.5f * noise;
      }
    }
    return values;
  }

  /** Numbers without any structure. */
  static float[] noise(int count, SplitMix64 random) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = nearlyNormal(random);
    }
    return values;
  }

  /** The sum of four uniform numbers, scaled to variance 1: fast, and normal enough for timing. */
  private static float nearlyNormal(SplitMix64 random) {
    long bits = random.nextLong();
    long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
    return (sum - 2 * 0xffff) / 37_837f;
  }
}
