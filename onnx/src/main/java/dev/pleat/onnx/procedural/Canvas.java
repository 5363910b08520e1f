package dev.pleat.onnx.procedural;

import java.util.Arrays;

/**
 * A picture that is being drawn.
 *
 * @param channels colours, at least 1
 * @param height rows
 * @param width columns
 * @param values channels × height × width, row-major, mostly in [0, 1]
 */
@SuppressWarnings("ArrayRecordComponent") // Drawn on, never compared.
record Canvas(int channels, int height, int width, float[] values) {

  /** A black picture. */
  static Canvas black(int channels, int height, int width) {
    return new Canvas(
        channels,
        height,
        width,
        new float[Math.multiplyExact(Math.multiplyExact(channels, height), width)]);
  }

  /** Pixels of one channel. */
  int area() {
    return height * width;
  }

  /** The longer side. */
  int side() {
    return Math.max(height, width);
  }

  void fill(float[] colour) {
    for (int c = 0; c < channels; c++) {
      Arrays.fill(values, c * area(), (c + 1) * area(), colour[c]);
    }
  }

  /** The mean of each square of so many pixels; both sides are multiples of it. */
  Canvas reduced(int by) {
    Canvas small = black(channels, height / by, width / by);
    float share = 1f / (by * by);
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < height; y++) {
        int from = (c * height + y) * width;
        int to = (c * small.height + y / by) * small.width;
        for (int x = 0; x < width; x++) {
          small.values[to + x / by] += share * values[from + x];
        }
      }
    }
    return small;
  }

  /** Every value forced into [0, 1]. */
  void clamp() {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.clamp(values[i], 0, 1);
    }
  }
}
