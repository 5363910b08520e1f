package dev.pleat.onnx.invert;

/**
 * Finds the scale that a network's input wants from its first normalisation. What lies before that
 * is nearly always linear, so a few runs tell all: the means there follow the input's means
 * linearly, and the variances are what the input's mean makes at the padded borders plus the square
 * of its standard deviation times what noise of deviation 1 makes.
 */
final class StartingScale {
  /** Means of more channels are not looked for: such inputs are no pixels. */
  private static final int MOST_CHANNELS = 16;

  /** Deviations from 2⁻²⁰ to 2²⁰ are looked through in eighths of an octave. */
  private static final int EIGHTHS = 160;

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
    float[] borders = measure(Scale.of(offset, 0)).variances().getFirst();
    Scale found = Scale.of(offset, spread(first, borders, plain.variances().getFirst()));
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
      deviations[c] = (float) layer.deviation(c);
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
        double left = (columns[a][k] - zero[k]) / (layer.deviation(k) * layer.deviation(k));
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
    return measure(Scale.of(constant, 0)).means().getFirst();
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

  /** The deviation whose variances have logarithms closest to the normalisation's. */
  private static double spread(NormalizedLayer layer, float[] borders, float[] noise) {
    double best = 1;
    double least = Double.POSITIVE_INFINITY;
    for (int i = -EIGHTHS; i <= EIGHTHS; i++) {
      double spread = Math.pow(2, i / 8.0);
      double sum = 0;
      for (int c = 0; c < layer.channels(); c++) {
        double variance = borders[c] + spread * spread * noise[c] + layer.epsilon();
        double logarithm = Math.log(variance) - 2 * Math.log(layer.deviation(c));
        sum += logarithm * logarithm;
      }
      if (sum < least) {
        least = sum;
        best = spread;
      }
    }
    return best;
  }
}
