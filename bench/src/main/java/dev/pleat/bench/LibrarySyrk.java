package dev.pleat.bench;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.pleat.core.linalg.BlasProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * OpenBLAS's own symmetric rank-d update in one call on all of its threads: what the Gram matrix is
 * measured against. Linux only, where a library that is loaded already is found by its name.
 */
final class LibrarySyrk {
  private static final int ROW_MAJOR = 101;
  private static final int LOWER = 122;
  private static final int AS_IS = 111;

  private final MethodHandle setThreads;
  private final MethodHandle ssyrk;
  private final int threads;

  LibrarySyrk(int threads) {
    BlasProvider.named("openblas");
    SymbolLookup library = SymbolLookup.libraryLookup("libopenblas.so.0", Arena.global());
    Linker linker = Linker.nativeLinker();
    this.threads = threads;
    setThreads =
        linker.downcallHandle(
            library.findOrThrow("openblas_set_num_threads"), FunctionDescriptor.ofVoid(JAVA_INT));
    ssyrk =
        linker.downcallHandle(
            library.findOrThrow("cblas_ssyrk"),
            FunctionDescriptor.ofVoid(
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_FLOAT,
                ADDRESS,
                JAVA_INT,
                JAVA_FLOAT,
                ADDRESS,
                JAVA_INT),
            Linker.Option.critical(true));
  }

  /**
   * Lower triangle of {@code gram = values·valuesᵀ}; afterwards the library has one thread again.
   */
  void run(int rows, int columns, float[] values, float[] gram) throws Throwable {
    setThreads.invokeExact(threads);
    ssyrk.invokeExact(
        ROW_MAJOR,
        LOWER,
        AS_IS,
        rows,
        columns,
        1f,
        MemorySegment.ofArray(values),
        columns,
        0f,
        MemorySegment.ofArray(gram),
        rows);
    setThreads.invokeExact(1);
  }
}
