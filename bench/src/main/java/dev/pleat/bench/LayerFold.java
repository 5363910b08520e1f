package dev.pleat.bench;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.Seconds;
import dev.pleat.llm.CheckpointFolding;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Folds a checkpoint of {@link PlantedLayers} by 20 % and says what each layer took, next to the
 * library's own symmetric rank-d update of a layer's shape, timed in the same process.
 */
public final class LayerFold {
  private static final int COLUMNS = 3 * PlantedLayers.HIDDEN;
  private static final int ROUNDS = 3;

  private LayerFold() {}

  /** Arguments: the folder to fold, the folder to make, the number of layers. */
  public static void main(String[] arguments) throws Throwable {
    int layers = Integer.parseInt(arguments[2]);
    FoldReport report =
        CheckpointFolding.fold(
            CheckpointFoldRequest.of(
                Path.of(arguments[0]),
                Path.of(arguments[1]),
                FoldOptions.of(new Target.Channels(0.2))),
            Progress.SILENT);
    String peak = peak();
    Seconds s = report.seconds();
    double compute = (s.gram() + s.cluster() + s.merge() + s.repair()) / layers;
    double syrk = syrk();
    System.out.printf(
        "%d layers, each: gram %.2f s, tree and refinement %.2f s, merge %.2f s, figures %.2f s;"
            + " read %.2f s, write %.2f s%n",
        layers,
        s.gram() / layers,
        s.cluster() / layers,
        s.merge() / layers,
        s.repair() / layers,
        s.read() / layers,
        s.write() / layers);
    System.out.printf(
        "%d layers, each: compute %.2f s, fp32 ssyrk of its shape %.2f s: %.2f times it; peak"
            + " resident %s%n",
        layers, compute, syrk, compute / syrk, peak);
  }

  /** The most memory that this process has had at once; Linux only. */
  private static String peak() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> "%.2f GiB".formatted(Long.parseLong(line.replaceAll("\\D", "")) / 1048576.0))
        .findFirst()
        .orElse("unknown");
  }

  private static double syrk() throws Throwable {
    int n = PlantedLayers.NEURONS;
    float[] values = PlantedFeatures.values(n, COLUMNS, n / 8);
    float[] lower = new float[n * n];
    LibrarySyrk library = new LibrarySyrk(Runtime.getRuntime().availableProcessors());
    double[] seconds = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      library.run(n, COLUMNS, values, lower);
      seconds[round] = (System.nanoTime() - start) / 1e9;
    }
    return Arrays.stream(seconds).min().orElseThrow();
  }
}
