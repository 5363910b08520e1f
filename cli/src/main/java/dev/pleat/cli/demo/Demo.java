package dev.pleat.cli.demo;

import dev.pleat.FileFold;
import dev.pleat.Pleat;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.report.FoldReport;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.invert.Inversion;
import dev.pleat.onnx.invert.Inverted;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.request.InputSource;
import dev.pleat.onnx.request.InversionOptions;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Folds the bundled network every way there is, then evaluates all results on the bundled images.
 *
 * @param folder where the networks are written, which must not hold any of them yet
 * @param threads threads to use, at least 1
 * @param seed the seed of everything random
 */
public record Demo(Path folder, int threads, long seed) {
  private static final int BATCH = 100;
  private static final int TIMED_RUNS = 30;
  private static final int MADE = 160;
  private static final String INPUT = "image";
  private static final String OUTPUT = "logits";

  /** One network on disk and what is known about it. */
  private record Network(Path file, DemoReport.Row row) {}

  /**
   * Writes the bundled network to a folder.
   *
   * @return the file
   * @throws PleatException when it cannot be written
   */
  public static Path writeModel(Path folder) {
    return DemoData.writeModel(folder);
  }

  /**
   * Runs the demo.
   *
   * @throws PleatException when the folder cannot be written
   */
  public DemoReport run(Progress progress) {
    long start = System.nanoTime();
    DemoData data = DemoData.read();
    Path model = DemoData.writeModel(folder);
    List<DemoVariant> variants = DemoVariant.all();
    CalibrationInputs made = made(model, progress);
    progress.begin("fold " + variants.size() + " times", variants.size());
    List<Network> networks = new ArrayList<>();
    for (DemoVariant variant : variants) {
      FoldReport report = fold(model, variant, made);
      if (networks.isEmpty()) {
        networks.add(new Network(model, original(report)));
      }
      networks.add(new Network(folder.resolve(variant.fileName()), variant.row(report)));
      progress.step();
    }
    List<DemoReport.Row> rows = evaluate(networks, data, progress);
    return new DemoReport(data.count(), rows, (System.nanoTime() - start) / 1e9);
  }

  /** All fits are on the same images, which depend on the original alone. */
  private CalibrationInputs made(Path model, Progress progress) {
    InversionOptions options =
        InversionOptions.of(seed)
            .withImages(OptionalInt.of(MADE))
            .withUsualSteps(InversionOptions.STEPS_TO_FIT)
            .withThreads(threads);
    Inverted inverted = Inversion.run(ModelReader.read(model), options, progress);
    return new HeldInputs(
        MADE + " images made by the network", inverted.input(), inverted.images());
  }

  private FoldReport fold(Path model, DemoVariant variant, CalibrationInputs made) {
    FileFold fold =
        FileFold.of(model, folder.resolve(variant.fileName()))
            .channels(variant.channels())
            .method(variant.method())
            .repair(variant.repair())
            .seed(seed)
            .threads(threads);
    return Pleat.fold(
        variant.repair() == Repair.LEAST_SQUARES ? fold.source(new InputSource.Given(made)) : fold);
  }

  private static DemoReport.Row original(FoldReport report) {
    return new DemoReport.Row(
        "original", 0, "", "", 0, report.parameters().before(), report.bytes().before(), 0);
  }

  private List<DemoReport.Row> evaluate(List<Network> networks, DemoData data, Progress progress) {
    List<OnnxSession> sessions = new ArrayList<>();
    try {
      networks.forEach(network -> sessions.add(OnnxSession.open(network.file(), threads)));
      progress.begin("classify %d images".formatted(data.count()), sessions.size());
      double[] accuracies = new double[sessions.size()];
      for (int i = 0; i < accuracies.length; i++) {
        accuracies[i] = accuracy(sessions.get(i), data);
        progress.step();
      }
      double[] latencies = latenciesMs(sessions, data);
      List<DemoReport.Row> rows = new ArrayList<>();
      for (int i = 0; i < accuracies.length; i++) {
        rows.add(networks.get(i).row().with(accuracies[i], latencies[i]));
      }
      return List.copyOf(rows);
    } finally {
      sessions.forEach(OnnxSession::close);
    }
  }

  private static double accuracy(OnnxSession session, DemoData data) {
    int right = 0;
    for (int first = 0; first < data.count(); first += BATCH) {
      int count = Math.min(BATCH, data.count() - first);
      float[] logits = logits(session, data.batch(first, count));
      int classes = logits.length / count;
      for (int i = 0; i < count; i++) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
          if (logits[i * classes + c] > logits[i * classes + best]) {
            best = c;
          }
        }
        right += best == data.label(first + i) ? 1 : 0;
      }
    }
    return (double) right / data.count();
  }

  private static float[] logits(OnnxSession session, TensorValue images) {
    return session.run(Map.of(INPUT, images)).get(OUTPUT)
            instanceof TensorValue.Floats(var shape, var values)
        ? values
        : new float[0];
  }

  /** Median times for one image; the networks take turns, so that all see the same machine. */
  private static double[] latenciesMs(List<OnnxSession> sessions, DemoData data) {
    Map<String, TensorValue> image = Map.of(INPUT, data.batch(0, 1));
    double[][] times = new double[sessions.size()][TIMED_RUNS];
    sessions.forEach(session -> session.run(image));
    for (int run = 0; run < TIMED_RUNS; run++) {
      for (int i = 0; i < times.length; i++) {
        long start = System.nanoTime();
        sessions.get(i).run(image);
        times[i][run] = (System.nanoTime() - start) / 1e6;
      }
    }
    return Arrays.stream(times)
        .mapToDouble(
            each -> Arrays.stream(each).sorted().skip(TIMED_RUNS / 2).findFirst().orElse(0))
        .toArray();
  }
}
