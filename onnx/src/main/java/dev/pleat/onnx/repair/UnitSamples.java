package dev.pleat.onnx.repair;

import dev.pleat.onnx.run.TensorValue;

/**
 * Gathers what channels hold into samples, channel by channel: every place of the activation that
 * is not on the channel axis is a sample, and so is each of the positions that one channel has.
 */
final class UnitSamples {
  private final TensorValue.Floats value;
  private final Extent extent;
  private final int[][] units;

  /**
   * An activation's channels.
   *
   * @param units positions of each channel on the axis, equally many each
   */
  UnitSamples(TensorValue.Floats value, int axis, int[][] units) {
    this.value = value;
    this.extent = Extent.of(value.shape(), axis);
    this.units = units;
  }

  /** Blocks before the axis. */
  int blocks() {
    return extent.outer();
  }

  /** Samples in one block. */
  int samplesOfBlock() {
    return extent.inner() * units[0].length;
  }

  /** The samples of the blocks {@code from} to {@code to}: units × samples, row-major. */
  float[] gather(int from, int to) {
    int occurrences = units[0].length;
    int inner = extent.inner();
    int width = (to - from) * samplesOfBlock();
    float[] samples = new float[Math.multiplyExact(units.length, width)];
    float[] values = value.values();
    for (int block = from; block < to; block++) {
      for (int u = 0; u < units.length; u++) {
        int row = u * width + (block - from) * occurrences * inner;
        for (int o = 0; o < occurrences; o++) {
          int start = extent.start(block, units[u][o]);
          if (inner == 1) {
            samples[row + o] = values[start];
          } else {
            System.arraycopy(values, start, samples, row + o * inner, inner);
          }
        }
      }
    }
    return samples;
  }
}
