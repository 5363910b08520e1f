package dev.pleat.bench;

import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.cluster.HartiganRefinement;
import dev.pleat.core.cluster.WardTree;
import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.linalg.Features;
import java.io.PrintStream;
import java.util.Arrays;

/**
 * The figures of this folder's README in one process, each next to what it is compared with. What
 * is compared is run in turns, and the best time of each counts: whatever else the machine does can
 * only make a time longer.
 */
public final class Ratios {
  private static final int ROUNDS = 12;

  private final Blas blas = BlasProvider.shared();
  private final int threads = Runtime.getRuntime().availableProcessors();
  private final PrintStream out;

  private Ratios(PrintStream out) {
    this.out = out;
  }

  /** Prints all figures. */
  public static void main(String[] arguments) throws Throwable {
    Ratios ratios = new Ratios(System.out);
    ratios.out.printf("%s, %d threads%n", ratios.blas.description(), ratios.threads);
    ratios.gramAgainstLibrary(4096, 12_288);
    ratios.clusteringAlone(512, 256, 60);
    ratios.clusteringAlone(4096, 3277, ROUNDS);
    ratios.clusteringAgainstGram(11_008, 8806, 12_288);
  }

  private void gramAgainstLibrary(int n, int d) throws Throwable {
    float[] values = PlantedFeatures.values(n, d, n / 8);
    float[] lower = new float[n * n];
    Features features = Features.of(n, values);
    LibrarySyrk syrk = new LibrarySyrk(threads);
    double[] library = new double[ROUNDS];
    double[] own = new double[ROUNDS];
    for (int round = -2; round < ROUNDS; round++) {
      double seconds = seconds(() -> syrk.run(n, d, values, lower));
      double ours = seconds(() -> GramMatrix.of(features, blas, threads));
      if (round >= 0) {
        library[round] = seconds;
        own[round] = ours;
      }
    }
    double flops = (double) n * n * d;
    out.printf(
        "gram %d x %d: %.3f s (%.0f GFLOP/s), library's ssyrk %.3f s (%.0f GFLOP/s): %.0f %%%n",
        n,
        d,
        best(own),
        flops / best(own) / 1e9,
        best(library),
        flops / best(library) / 1e9,
        100 * best(library) / best(own));
  }

  private void clusteringAlone(int n, int k, int rounds) throws Throwable {
    for (int centres : new int[] {n / 8, 0}) {
      GramMatrix gram = GramMatrix.of(PlantedFeatures.of(n, 1024, centres), blas, threads);
      double[] times = new double[rounds];
      for (int round = -rounds / 2; round < rounds; round++) {
        double seconds = seconds(() -> cluster(gram, k));
        times[Math.max(0, round)] = seconds;
      }
      out.printf("cluster %d to %d, %s: %.4f s%n", n, k, kind(centres), best(times));
    }
  }

  private void clusteringAgainstGram(int n, int k, int d) throws Throwable {
    for (int centres : new int[] {n / 8, 0}) {
      Features features = PlantedFeatures.of(n, d, centres);
      double[] gramTimes = new double[3];
      double[] clusterTimes = new double[3];
      for (int round = 0; round < 3; round++) {
        GramMatrix[] gram = new GramMatrix[1];
        gramTimes[round] = seconds(() -> gram[0] = GramMatrix.of(features, blas, threads));
        clusterTimes[round] = seconds(() -> cluster(gram[0], k));
      }
      out.printf(
          "cluster %d to %d, %s: %.2f s, its gram of d = %d %.2f s: %.2f of it%n",
          n,
          k,
          kind(centres),
          best(clusterTimes),
          d,
          best(gramTimes),
          best(clusterTimes) / best(gramTimes));
    }
  }

  private static void cluster(GramMatrix gram, int k) {
    HartiganRefinement.refine(gram, WardTree.of(gram).cut(k));
  }

  private static String kind(int centres) {
    return centres == 0 ? "pure noise" : centres + " planted centres";
  }

  private static double best(double[] times) {
    return Arrays.stream(times).min().orElseThrow();
  }

  /** A piece of work that is timed. */
  private interface Work {
    void run() throws Throwable;
  }

  private static double seconds(Work work) throws Throwable {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }
}
