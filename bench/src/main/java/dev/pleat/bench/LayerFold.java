package dev.pleat.bench;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.Seconds;
import dev.pleat.llm.CheckpointFolding;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Folds a checkpoint of {@link PlantedLayers} by 20 % and says what each layer took, next to the
 * library's own symmetric rank-d update of a layer's shape, timed in the same process.
 */
public final class LayerFold {
  private static final int COLUMNS = 3 * PlantedLayers.HIDDEN;

  private LayerFold() {}

  /**
   * Arguments: the folder to fold, the folder to make, the number of layers, how often. Folds and
   * the library's routine take turns; the least time of each counts.
   */
  public static void main(String[] arguments) throws Throwable {
    Path input = Path.of(arguments[0]);
    int layers = Integer.parseInt(arguments[2]);
    int rounds = Integer.parseInt(arguments[3]);
    Seconds best = fold(input, Path.of(arguments[1]));
    String peak = peak();
    int n = PlantedLayers.NEURONS;
    float[] values = PlantedFeatures.values(n, COLUMNS, n / 8);
    float[] lower = new float[n * n];
    LibrarySyrk library = new LibrarySyrk(Runtime.getRuntime().availableProcessors());
    double syrk = syrk(library, values, lower);
    for (int round = 1; round < rounds; round++) {
      Seconds seconds = fold(input, Path.of(arguments[1] + round));
      best = compute(seconds) < compute(best) ? seconds : best;
      syrk = Math.min(syrk, syrk(library, values, lower));
    }
    System.out.printf(
        "%d layers, each: gram %.2f s, tree and refinement %.2f s, merge %.2f s, figures %.2f s;"
            + " read %.2f s, write %.2f s%n",
        layers,
        best.gram() / layers,
        best.cluster() / layers,
        best.merge() / layers,
        best.repair() / layers,
        best.read() / layers,
        best.write() / layers);
    System.out.printf(
        "%d layers, each: compute %.2f s, fp32 ssyrk of its shape %.2f s: %.2f times it; peak"
            + " resident %s%n",
        layers, compute(best) / layers, syrk, compute(best) / layers / syrk, peak);
  }

  private static Seconds fold(Path input, Path output) {
    FoldOptions options = FoldOptions.of(new Target.Channels(0.2));
    CheckpointFoldRequest request = CheckpointFoldRequest.of(input, output, options);
    return CheckpointFolding.fold(request, Progress.SILENT).seconds();
  }

  private static double compute(Seconds seconds) {
    return seconds.gram() + seconds.cluster() + seconds.merge() + seconds.repair();
  }

  private static double syrk(LibrarySyrk library, float[] values, float[] lower) throws Throwable {
    long start = System.nanoTime();
    library.run(PlantedLayers.NEURONS, COLUMNS, values, lower);
    return (System.nanoTime() - start) / 1e9;
  }

  /** The most memory that this process has had at once; Linux only. */
  static String peak() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> "%.2f GiB".formatted(Long.parseLong(line.replaceAll("\\D", "")) / 1048576.0))
        .findFirst()
        .orElse("unknown");
  }
}
