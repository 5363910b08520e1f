package dev.pleat.core.linalg;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * OpenBLAS through the foreign-function API. The library runs single-threaded: how it would share a
 * product among its own threads depends on their number, and so would the rounding.
 */
final class OpenBlas implements Blas {
  /** Values of the enumerations in cblas.h. */
  private static final int ROW_MAJOR = 101;

  private static final int AS_IS = 111;
  private static final int TRANSPOSED = 112;
  private static final int LOWER = 122;

  private static final FunctionDescriptor SSYRK =
      FunctionDescriptor.ofVoid(
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT, // order, triangle, transpose, n, d
          JAVA_FLOAT,
          ADDRESS,
          JAVA_INT, // alpha, A, stride
          JAVA_FLOAT,
          ADDRESS,
          JAVA_INT); // beta, C, stride

  private static final FunctionDescriptor SGEMM =
      FunctionDescriptor.ofVoid(
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT, // order, two transposes, m, n, d
          JAVA_FLOAT,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          JAVA_INT, // alpha, A, stride, B, stride
          JAVA_FLOAT,
          ADDRESS,
          JAVA_INT); // beta, C, stride

  private static final FunctionDescriptor SET_THREADS = FunctionDescriptor.ofVoid(JAVA_INT);

  private static final FunctionDescriptor CONFIG =
      FunctionDescriptor.of(
          ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(Integer.MAX_VALUE, JAVA_BYTE)));

  private final MethodHandle ssyrk;
  private final MethodHandle sgemm;
  private final String description;

  private OpenBlas(SymbolLookup library) throws IOException {
    // Critical calls may point at Java arrays; a tile is short enough to hold back the collector.
    Linker.Option onHeap = Linker.Option.critical(true);
    ssyrk = bind(library, "cblas_ssyrk", SSYRK, onHeap);
    sgemm = bind(library, "cblas_sgemm", SGEMM, onHeap);
    MethodHandle setThreads = bind(library, "openblas_set_num_threads", SET_THREADS);
    MethodHandle config = bind(library, "openblas_get_config", CONFIG);
    try {
      setThreads.invokeExact(1);
      description = ((MemorySegment) config.invokeExact()).getString(0).strip();
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /**
   * Loads the library of this platform.
   *
   * @throws IOException when it is not on the class path, or cannot be extracted or loaded; the
   *     message says why and what to do
   */
  static OpenBlas load(NativeCache cache) throws IOException {
    NativePlatform platform =
        NativePlatform.current()
            .orElseThrow(() ->
                new IOException(
                    "no OpenBLAS is published for %s on %s"
                        .formatted(System.getProperty("os.name"), System.getProperty("os.arch"))));
    SymbolLookup library = name -> Optional.empty();
    for (Path file : cache.libraries(platform)) {
      try {
        library = SymbolLookup.libraryLookup(file, Arena.global());
      } catch (IllegalCallerException e) {
        throw new IOException("native access is denied; add --enable-native-access=ALL-UNNAMED", e);
      } catch (IllegalArgumentException e) {
        throw new IOException(
            "%s does not load; delete it to have it copied again".formatted(file), e);
      }
    }
    return new OpenBlas(library);
  }

  private static MethodHandle bind(
      SymbolLookup library, String name, FunctionDescriptor type, Linker.Option... options)
      throws IOException {
    MemorySegment symbol =
        library.find(name).orElseThrow(() -> new IOException("OpenBLAS has no function " + name));
    return Linker.nativeLinker().downcallHandle(symbol, type, options);
  }

  @Override
  public String name() {
    return "openblas";
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public void addGram(MatrixView a, MatrixView c) {
    MatrixView.checkShapes(a, a, c);
    try {
      ssyrk.invokeExact(
          ROW_MAJOR,
          LOWER,
          AS_IS,
          a.rows(),
          a.columns(),
          1f,
          segment(a),
          a.stride(),
          1f,
          segment(c),
          c.stride());
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  @Override
  public void addProduct(MatrixView a, MatrixView b, MatrixView c) {
    MatrixView.checkShapes(a, b, c);
    try {
      sgemm.invokeExact(
          ROW_MAJOR,
          AS_IS,
          TRANSPOSED,
          a.rows(),
          b.rows(),
          a.columns(),
          1f,
          segment(a),
          a.stride(),
          segment(b),
          b.stride(),
          1f,
          segment(c),
          c.stride());
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private static MemorySegment segment(MatrixView view) {
    return MemorySegment.ofArray(view.values()).asSlice((long) view.offset() * Float.BYTES);
  }

  /** A method handle declares any throwable; a C function throws none. */
  private static IllegalStateException rethrown(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("call into OpenBLAS failed", e);
  }
}
