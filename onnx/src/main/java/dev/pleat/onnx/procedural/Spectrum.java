package dev.pleat.onnx.procedural;

import dev.pleat.core.cluster.SplitMix64;
import java.util.Arrays;

/**
 * Clouds: noise whose octaves have amplitudes of one power of their wavelength, as natural images
 * have (Field, "Relations between the statistics of natural images and the response properties of
 * cortical cells", 1987).
 */
final class Spectrum {
  private Spectrum() {}

  /** Fills a picture with clouds between colours of the palette. */
  static void fill(Canvas canvas, Palette palette, SplitMix64 random) {
    double slope = 0.2 + 1.1 * random.nextDouble();
    float[] dark = palette.next(0.35 * random.nextDouble());
    float[] light = palette.next(0.65 + 0.35 * random.nextDouble());
    double contrast = 0.15 + 0.25 * random.nextDouble();
    double own = canvas.channels() == 1 ? 0 : 0.5 * random.nextDouble();
    float[] shared = plane(canvas.height(), canvas.width(), slope, random);
    for (int c = 0; c < canvas.channels(); c++) {
      float[] plane = own == 0 ? shared : plane(canvas.height(), canvas.width(), slope, random);
      for (int p = 0; p < canvas.area(); p++) {
        double value = 0.5 + contrast * ((1 - own) * shared[p] + own * plane[p]);
        canvas.values()[c * canvas.area() + p] = (float) (dark[c] + value * (light[c] - dark[c]));
      }
    }
  }

  /**
   * Noise of about mean 0 and variance 1.
   *
   * @param slope the amplitude of an octave is its wavelength to this power; 0 is as 1/f
   */
  static float[] plane(int height, int width, double slope, SplitMix64 random) {
    double[] sum = new double[height * width];
    double squares = 0;
    for (int cell = 1; cell < Math.max(2, Math.max(height, width)); cell *= 2) {
      double amplitude = StrictMath.pow(cell, slope - 0.4);
      squares += amplitude * amplitude;
      add(sum, height, width, cell, amplitude, random);
    }
    float[] plane = new float[sum.length];
    double scale = 1 / Math.sqrt(squares);
    for (int p = 0; p < plane.length; p++) {
      plane[p] = (float) (sum[p] * scale);
    }
    return plane;
  }

  /** Adds white noise on a grid, smooth between its corners. */
  private static void add(
      double[] sum, int height, int width, int cell, double amplitude, SplitMix64 random) {
    int columns = (width - 1) / cell + 2;
    int rows = (height - 1) / cell + 2;
    double[] grid = new double[rows * columns];
    for (int i = 0; i < grid.length; i++) {
      grid[i] = amplitude * (random.nextDouble() + random.nextDouble() - 1) * Math.sqrt(6);
    }
    double[] eased = new double[Math.min(cell, Math.max(height, width))];
    Arrays.setAll(eased, i -> ease((double) i / cell));
    for (int y = 0; y < height; y++) {
      double v = eased[y % cell];
      for (int column = 0; column * cell < width; column++) {
        int at = y / cell * columns + column;
        double above = grid[at];
        double aboveStep = grid[at + 1] - above;
        double below = grid[at + columns];
        double belowStep = grid[at + columns + 1] - below;
        int start = column * cell;
        int end = Math.min(width - start, cell);
        for (int x = 0; x < end; x++) {
          double upper = above + eased[x] * aboveStep;
          double lower = below + eased[x] * belowStep;
          sum[y * width + start + x] += upper + v * (lower - upper);
        }
      }
    }
  }

  private static double ease(double t) {
    return t * t * (3 - 2 * t);
  }
}
