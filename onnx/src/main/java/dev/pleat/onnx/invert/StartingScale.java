package dev.pleat.onnx.invert;

import java.util.Arrays;

/**
 * Finds the scale that a network's input wants from its first normalisation. What lies before that
 * is nearly always linear, so the means there follow the input's means linearly, which a few runs
 * measure, and its variances follow the square of the input's standard deviation.
 */
final class StartingScale {
  /** Means of more channels are not looked for: such inputs are no pixels. */
  private static final int MOST_CHANNELS = 16;

  /** Pulls the mean towards 0 where the network does not tell. */
  private static final double RIDGE = 1e-4;

  private final LossRun run;
  private final Pixels pixels;
  private final int[] labels;
  private final float[] noise;

  /** Looks with one batch of noise of mean 0 and variance 1. */
  StartingScale(LossRun run, Pixels pixels, int[] labels, float[] noise) {
    this.run = run;
    this.pixels = pixels;
    this.labels = labels;
    this.noise = noise;
  }

  /**
   * The scale.
   *
   * @param input the name of the input
   */
  Scale find(String input) {
    int channels = pixels.channels();
    Scale unit = Scale.unit(channels);
    Measured plain = measure(unit);
    NormalizedLayer first = plain.layers().getFirst();
    if (first.value().equals(input)) {
      return new Scale(first.mean(), deviations(first));
    }
    float[] offset = channels <= MOST_CHANNELS ? offset(first) : new float[channels];
    Measured moved = measure(Scale.of(offset, 1));
    Scale found = Scale.of(offset, spread(first, moved.variances().getFirst()));
    double mismatch = measure(found).mismatch(0);
    // Where something before the normalisation is not linear, the plain scale may be the better.
    return mismatch < plain.mismatch(0) || !Double.isFinite(plain.mismatch(0)) ? found : unit;
  }

  private Measured measure(Scale scale) {
    float[] x = new float[noise.length];
    scale.apply(pixels, noise, x);
    return run.run(x, labels);
  }

  private static float[] deviations(NormalizedLayer layer) {
    float[] deviations = new float[layer.channels()];
    for (int c = 0; c < deviations.length; c++) {
      deviations[c] = (float) Math.sqrt(layer.variance()[c] + layer.epsilon());
    }
    return deviations;
  }

  /** Least squares over the normalisation's channels, each in units of its deviation. */
  private float[] offset(NormalizedLayer layer) {
    int channels = pixels.channels();
    float[] zero = mean(new float[channels]);
    double[][] normal = new double[channels][channels + 1];
    float[][] columns = new float[channels][];
    for (int c = 0; c < channels; c++) {
      float[] one = new float[channels];
      one[c] = 1;
      columns[c] = mean(one);
    }
    for (int k = 0; k < layer.channels(); k++) {
      for (int a = 0; a < channels; a++) {
        double left = (columns[a][k] - zero[k]) * layer.precision(k);
        for (int b = 0; b < channels; b++) {
          normal[a][b] += left * (columns[b][k] - zero[k]);
        }
        normal[a][channels] += left * (layer.mean()[k] - zero[k]);
      }
    }
    double trace = 0;
    for (int a = 0; a < channels; a++) {
      trace += normal[a][a] / channels;
    }
    for (int a = 0; a < channels; a++) {
      normal[a][a] += RIDGE * trace + Double.MIN_NORMAL;
    }
    return solve(normal);
  }

  private float[] mean(float[] constant) {
    float[] x = new float[noise.length];
    new Scale(constant, new float[constant.length]).apply(pixels, noise, x);
    return run.run(x, labels).means().getFirst();
  }

  /** Gaussian elimination of a positive definite system with its right side as the last column. */
  private static float[] solve(double[][] rows) {
    int n = rows.length;
    for (int p = 0; p < n; p++) {
      for (int r = p + 1; r < n; r++) {
        double factor = rows[r][p] / rows[p][p];
        for (int c = p; c <= n; c++) {
          rows[r][c] -= factor * rows[p][c];
        }
      }
    }
    float[] solution = new float[n];
    for (int p = n - 1; p >= 0; p--) {
      double rest = rows[p][n];
      for (int c = p + 1; c < n; c++) {
        rest -= rows[p][c] * solution[c];
      }
      solution[p] = (float) (rest / rows[p][p]);
    }
    return solution;
  }

  /** The geometric mean of what each channel asks for; channels that hardly vary have no say. */
  private static double spread(NormalizedLayer layer, float[] variances) {
    double[] logarithms = new double[layer.channels()];
    for (int c = 0; c < logarithms.length; c++) {
      logarithms[c] =
          0.5
              * Math.log(
                  (layer.variance()[c] + layer.epsilon()) / (variances[c] + layer.epsilon()));
    }
    return Math.exp(Arrays.stream(logarithms).average().orElse(0));
  }
}
