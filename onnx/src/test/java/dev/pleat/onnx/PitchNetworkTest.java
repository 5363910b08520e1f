package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.Quality;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.request.InputSource;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CREPE tiny, a network that people use, on tones whose pitch is known. */
final class PitchNetworkTest {
  private static final Path CREPE = Path.of("src/test/resources/networks/crepe/crepe-tiny.onnx");
  private static final int FRAME = 1024;
  private static final int PITCHES = 360;
  private static final double RATE = 16_000;

  @TempDir private static Path folder;

  private static Tones unheard;

  /** Standardised frames, and their pitches in Hz. */
  @SuppressWarnings("ArrayRecordComponent") // Read only, never compared.
  private record Tones(HeldInputs frames, double[] pitches) {}

  /** Voices of 50 to 1,000 Hz: harmonics that fade, in noise. */
  private static Tones tones(int count, long seed) {
    Random random = new Random(seed);
    float[] frames = new float[count * FRAME];
    double[] pitches = new double[count];
    for (int i = 0; i < count; i++) {
      pitches[i] = 50 * Math.pow(20, random.nextDouble());
      double fading = 0.3 + 1.7 * random.nextDouble();
      int harmonics = Math.min(2 + random.nextInt(18), (int) (7900 / pitches[i]));
      double noise = Math.pow(10, -3 + 2 * random.nextDouble());
      double[] wave = new double[FRAME];
      for (int h = 1; h <= harmonics; h++) {
        double phase = 2 * Math.PI * random.nextDouble();
        for (int t = 0; t < FRAME; t++) {
          wave[t] +=
              Math.pow(h, -fading) * Math.sin(2 * Math.PI * h * pitches[i] * t / RATE + phase);
        }
      }
      double deviation = deviation(wave, mean(wave));
      for (int t = 0; t < FRAME; t++) {
        wave[t] += noise * deviation * random.nextGaussian();
      }
      double mean = mean(wave);
      deviation = deviation(wave, mean);
      for (int t = 0; t < FRAME; t++) {
        frames[i * FRAME + t] = (float) ((wave[t] - mean) / deviation);
      }
    }
    return new Tones(
        new HeldInputs(
            "tones", "frames", new TensorValue.Floats(new long[] {count, FRAME}, frames)),
        pitches);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double deviation(double[] values, double mean) {
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / values.length);
  }

  private static float[] probabilities(Path model, Tones tones) {
    try (OnnxSession session = OnnxSession.open(model, 2)) {
      Map<String, TensorValue> outputs =
          session.run(tones.frames().batch(0, tones.frames().count()));
      return ((TensorValue.Floats) outputs.values().iterator().next()).values();
    }
  }

  /** The share of tones whose pitch is found within half a semitone. */
  private static double accuracy(float[] probabilities, double[] pitches) {
    int right = 0;
    for (int i = 0; i < pitches.length; i++) {
      int peak = 0;
      for (int p = 1; p < PITCHES; p++) {
        peak = probabilities[i * PITCHES + p] > probabilities[i * PITCHES + peak] ? p : peak;
      }
      double sum = 0;
      double weighted = 0;
      for (int p = Math.max(0, peak - 4); p < Math.min(PITCHES, peak + 5); p++) {
        sum += probabilities[i * PITCHES + p];
        weighted += probabilities[i * PITCHES + p] * (20 * p + 1997.3794084376191);
      }
      double wanted = 1200 * Math.log(pitches[i] / 10) / Math.log(2);
      right += Math.abs(weighted / sum - wanted) < 50 ? 1 : 0;
    }
    return (double) right / pitches.length;
  }

  /**
   * Folds a quarter away.
   *
   * @param goes where the names of groups are put from which channels went instead of merging
   */
  private static FoldReport fold(Path output, InputSource source, Set<String> goes) {
    FoldOptions options = FoldOptions.of(new Target.Channels(0.25));
    return OnnxFolding.fold(
        FileFoldRequest.of(CREPE, output, options).with(source),
        Progress.SILENT,
        (group, gram, clustering, curve) -> {
          if (Arrays.stream(clustering.clusterOf()).anyMatch(c -> c == Clustering.DROPPED)) {
            goes.add(group);
          }
        });
  }

  /** The share of the outputs' variation that a folded model keeps on tones. */
  private static double fidelity(float[] original, float[] folded) {
    double error = 0;
    double variation = 0;
    int count = original.length / PITCHES;
    for (int p = 0; p < PITCHES; p++) {
      double mean = 0;
      for (int i = 0; i < count; i++) {
        mean += original[i * PITCHES + p] / count;
      }
      for (int i = 0; i < count; i++) {
        double y = original[i * PITCHES + p];
        error += (y - folded[i * PITCHES + p]) * (y - folded[i * PITCHES + p]);
        variation += (y - mean) * (y - mean);
      }
    }
    return 1 - error / variation;
  }

  @BeforeAll
  static void synthesise() {
    unheard = tones(400, 1);
  }

  @Test
  void without_data_nine_tones_in_ten_keep_their_pitch_and_what_is_reported_is_honest() {
    Path output = folder.resolve("folded.onnx");

    Set<String> goes = ConcurrentHashMap.newKeySet();
    Quality quality = fold(output, new InputSource.Made(), goes).quality().orElseThrow();

    float[] folded = probabilities(output, unheard);
    assertThat(accuracy(folded, unheard.pitches())).isGreaterThanOrEqualTo(0.9);
    double real = fidelity(probabilities(CREPE, unheard), folded);
    assertThat(quality.warning().isEmpty() && quality.value().orElseThrow() > real + 0.05)
        .as("reported %s, on tones %s", quality, real)
        .isFalse();
    assertThat(goes).as("what is silent on drawn signals may speak on real ones").isEmpty();
  }

  @Test
  void with_other_tones_as_data_more_keep_it_and_channels_that_those_can_spare_go() {
    Path output = folder.resolve("with-data.onnx");

    Set<String> goes = ConcurrentHashMap.newKeySet();
    fold(output, new InputSource.Given(tones(300, 2).frames()), goes);

    assertThat(accuracy(probabilities(output, unheard), unheard.pitches()))
        .isGreaterThanOrEqualTo(0.93);
    assertThat(goes).isNotEmpty();
  }

  @Test
  void the_original_finds_nearly_every_pitch() {
    assertThat(accuracy(probabilities(CREPE, unheard), unheard.pitches()))
        .isGreaterThanOrEqualTo(0.97);
  }
}
