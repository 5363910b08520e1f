package dev.pleat.bench;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.cluster.HartiganRefinement;
import dev.pleat.core.cluster.WardTree;
import dev.pleat.core.linalg.BlasProvider;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Ward tree, cut and Hartigan refinement on a given Gram matrix. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xmx4g",
      "--enable-native-access=ALL-UNNAMED",
      "--add-modules=jdk.incubator.vector"
    })
public class ClusteringBenchmark {
  /** Channels and width. */
  @Param({"512:256", "4096:3277", "11008:8806"})
  public String widths = "";

  /** Whether the channels gather around centres. */
  @Param({"true", "false"})
  public boolean planted;

  private int to;
  private GramMatrix gram = GramMatrix.of(1, new float[1]);

  /** Makes the Gram matrix. */
  @Setup
  public void makeGram() {
    int from = Integer.parseInt(widths.substring(0, widths.indexOf(':')));
    to = Integer.parseInt(widths.substring(widths.indexOf(':') + 1));
    int threads = Runtime.getRuntime().availableProcessors();
    gram =
        GramMatrix.of(
            PlantedFeatures.of(from, 1024, planted ? from / 8 : 0), BlasProvider.shared(), threads);
  }

  /** The whole clustering. */
  @Benchmark
  public Clustering cluster() {
    return HartiganRefinement.refine(gram, WardTree.of(gram).cut(to));
  }
}
