package dev.pleat.onnx.procedural;

import dev.pleat.core.cluster.SplitMix64;

/**
 * Sounds of one dimension: voices of harmonics that fade with their number, glide and swell, over
 * noise of any colour.
 */
public final class Signal {
  /** Periods from so many samples, */
  private static final double SHORTEST_PERIOD = 8;

  /** to so many: from a high voice to a low one at usual sampling rates. */
  private static final double LONGEST_PERIOD = 512;

  private static final int MOST_HARMONICS = 24;

  private Signal() {}

  /**
   * One signal of mean 0 and deviation 1 in each channel.
   *
   * @param seed the same seed gives the same signal
   * @return channels × length, row-major
   */
  public static float[] draw(int channels, int length, long seed) {
    SplitMix64 random = new SplitMix64(seed);
    float[] signal = new float[channels * length];
    double[] wave = new double[length];
    int voices = random.nextDouble() < 0.75 ? 1 : random.nextInt(3);
    for (int v = 0; v < voices; v++) {
      voice(wave, random);
    }
    double noise = voices == 0 ? 1 : StrictMath.exp(StrictMath.log(1e-3) * random.nextDouble());
    for (int c = 0; c < channels; c++) {
      float[] hiss = Spectrum.plane(1, length, 0.9 * random.nextDouble() - 0.2, random);
      double[] sum = wave.clone();
      for (int t = 0; t < length; t++) {
        sum[t] += noise * hiss[t];
      }
      standardise(sum, signal, c * length);
    }
    return signal;
  }

  private static void voice(double[] wave, SplitMix64 random) {
    double period =
        SHORTEST_PERIOD
            * StrictMath.exp(
                StrictMath.log(LONGEST_PERIOD / SHORTEST_PERIOD) * random.nextDouble());
    double glide = random.nextDouble() < 0.5 ? 0 : 0.1 * random.nextGaussian();
    double fading = 2 * random.nextDouble();
    int harmonics = 1 + random.nextInt(MOST_HARMONICS);
    boolean odd = random.nextDouble() < 0.2;
    double swell = 2 * random.nextDouble() - 1;
    double loudness = 0.3 + random.nextDouble();
    double[] sines = new double[harmonics + 1];
    double[] cosines = new double[harmonics + 1];
    int highest = 0;
    for (int h = 1; h <= harmonics && 2 * h < period; h += odd ? 2 : 1) {
      double amplitude = loudness * StrictMath.pow(h, -fading) * (0.3 + 0.7 * random.nextDouble());
      double phase = 2 * StrictMath.PI * random.nextDouble();
      sines[h] = amplitude * StrictMath.cos(phase);
      cosines[h] = amplitude * StrictMath.sin(phase);
      highest = h;
    }
    for (int t = 0; t < wave.length; t++) {
      double share = (double) t / wave.length - 0.5;
      double angle = 2 * StrictMath.PI * t / period * (1 + glide * share);
      double stepSine = StrictMath.sin(angle);
      double stepCosine = StrictMath.cos(angle);
      double sine = 0;
      double cosine = 1;
      double sum = 0;
      for (int h = 1; h <= highest; h++) {
        // The next harmonic by the angle that is added, which costs far less than its sine.
        double next = sine * stepCosine + cosine * stepSine;
        cosine = cosine * stepCosine - sine * stepSine;
        sine = next;
        sum += sines[h] * sine + cosines[h] * cosine;
      }
      wave[t] += (1 + swell * share) * sum;
    }
  }

  private static void standardise(double[] from, float[] to, int start) {
    double mean = 0;
    double squares = 0;
    for (double value : from) {
      mean += value / from.length;
    }
    for (double value : from) {
      squares += (value - mean) * (value - mean) / from.length;
    }
    double scale = 1 / Math.sqrt(Math.max(squares, 1e-12));
    for (int t = 0; t < from.length; t++) {
      to[start + t] = (float) ((from[t] - mean) * scale);
    }
  }
}
