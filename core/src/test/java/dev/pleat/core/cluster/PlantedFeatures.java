package dev.pleat.core.cluster;

import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.linalg.Features;

/** Features of channels that gather around random centres, and what brute force says of them. */
record PlantedFeatures(int rows, int columns, float[] values) {

  /** Random centres, each with channels at the given distance, in random order. */
  static PlantedFeatures of(int rows, int columns, int centres, double noise, long seed) {
    SplitMix64 random = new SplitMix64(seed);
    float[] middle = new float[centres * columns];
    for (int i = 0; i < middle.length; i++) {
      middle[i] = (float) random.nextGaussian();
    }
    float[] values = new float[rows * columns];
    for (int i = 0; i < rows; i++) {
      int centre = random.nextInt(centres);
      for (int j = 0; j < columns; j++) {
        values[i * columns + j] =
            (float) (middle[centre * columns + j] + noise * random.nextGaussian());
      }
    }
    return new PlantedFeatures(rows, columns, values);
  }

  /** The same channels with an offset added to every value. */
  PlantedFeatures shifted(float offset) {
    float[] moved = values.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += offset;
    }
    return new PlantedFeatures(rows, columns, moved);
  }

  GramMatrix gram() {
    return GramMatrix.of(Features.of(rows, values), BlasProvider.shared(), 1);
  }

  double inner(int i, int j) {
    double sum = 0;
    for (int p = 0; p < columns; p++) {
      sum += (double) values[i * columns + p] * values[j * columns + p];
    }
    return sum;
  }

  /** J straight from its definition: squared distances from cluster means; dropped rows whole. */
  double objective(Clustering clustering) {
    double total = 0;
    for (int[] members : clustering.members()) {
      for (int p = 0; p < columns; p++) {
        double mean = 0;
        for (int i : members) {
          mean += values[i * columns + p];
        }
        mean /= members.length;
        for (int i : members) {
          double difference = values[i * columns + p] - mean;
          total += difference * difference;
        }
      }
    }
    for (int i = 0; i < rows; i++) {
      if (clustering.clusterOf(i) == Clustering.DROPPED) {
        total += inner(i, i);
      }
    }
    return total;
  }
}
