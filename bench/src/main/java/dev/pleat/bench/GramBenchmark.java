package dev.pleat.bench;

import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.linalg.Features;
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

/** The Gram matrix of streamed features on every backend. */
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
public class GramBenchmark {
  /** Channels and features. */
  @Param({"64x1152", "512x9216", "4096x12288"})
  public String shape = "";

  /** Backend, or syrk for OpenBLAS's own routine on all threads. */
  @Param({"openblas", "vector", "syrk"})
  public String backend = "";

  private Work work = () -> "not set up";

  /** Makes the features. */
  @Setup
  public void makeFeatures() {
    int rows = Integer.parseInt(shape.substring(0, shape.indexOf('x')));
    int columns = Integer.parseInt(shape.substring(shape.indexOf('x') + 1));
    int threads = Runtime.getRuntime().availableProcessors();
    float[] values = PlantedFeatures.values(rows, columns, rows / 8);
    if (backend.equals("syrk")) {
      LibrarySyrk syrk = new LibrarySyrk(threads);
      float[] gram = new float[rows * rows];
      work =
          () -> {
            syrk.run(rows, columns, values, gram);
            return gram;
          };
    } else {
      Blas blas = BlasProvider.named(backend);
      Features features = Features.of(rows, values);
      work = () -> GramMatrix.of(features, blas, threads);
    }
  }

  /** One Gram matrix. */
  @Benchmark
  public Object gram() throws Throwable {
    return work.run();
  }

  private interface Work {
    Object run() throws Throwable;
  }
}
