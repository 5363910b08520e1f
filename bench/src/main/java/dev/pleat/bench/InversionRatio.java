package dev.pleat.bench;

import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.invert.Inversion;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.request.InversionOptions;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * One step of an inversion, complete, against one plain forward pass of the same batch, in turns
 * within one process.
 */
public final class InversionRatio implements Progress {
  private static final int IMAGES = 256;
  private static final int STEPS = 24;

  private final OnnxSession session;
  private final Map<String, TensorValue> batch;
  private final double[] steps = new double[STEPS];
  private final double[] passes = new double[STEPS];
  private int step;
  private long since;

  private InversionRatio(OnnxSession session, Map<String, TensorValue> batch) {
    this.session = session;
    this.batch = batch;
  }

  /** Prints the ratio for the bundled network, whose file is the argument. */
  public static void main(String[] arguments) {
    Path model = Path.of(arguments[0]);
    int threads = Runtime.getRuntime().availableProcessors();
    try (OnnxSession session = OnnxSession.open(model, threads)) {
      float[] values = PlantedFeatures.values(IMAGES, 28 * 28, 0);
      TensorValue images = new TensorValue.Floats(new long[] {IMAGES, 1, 28, 28}, values);
      InversionRatio ratio =
          new InversionRatio(session, Map.of(session.inputs().getFirst().name(), images));
      Inversion.run(ModelReader.read(model), InversionOptions.of(0).withSize(IMAGES, STEPS), ratio);
      double each = best(ratio.steps);
      double pass = best(ratio.passes);
      System.out.printf(
          "invert %d images, %d threads: %.3f s a step, forward pass %.3f s: %.2f of it%n",
          IMAGES, threads, each, pass, each / pass);
    }
  }

  /** Whatever else the machine does can only make a time longer; the first steps warm up. */
  private static double best(double[] times) {
    return Arrays.stream(times).skip(STEPS / 4).min().orElseThrow();
  }

  @Override
  public void begin(String stage, int count) {
    since = System.nanoTime();
  }

  @Override
  public void step() {
    long now = System.nanoTime();
    steps[step] = (now - since) / 1e9;
    session.run(batch);
    since = System.nanoTime();
    passes[step] = (since - now) / 1e9;
    step++;
  }
}
