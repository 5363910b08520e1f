package dev.pleat.core.cluster;

import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.Features;
import dev.pleat.core.linalg.MatrixView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/**
 * Streams features into a Gram matrix. Tiles and blocks have sizes that do not depend on the number
 * of threads and every tile adds its blocks in order, so neither do the sums. A thread prepares the
 * next blocks while the others are at the tiles of the current one.
 */
final class GramAccumulator {
  /** Columns of a block. Not a power of two, so that rows do not fall into the same cache sets. */
  private static final int DEPTH = 784;

  /** Rows of a tile are a third of all, so that threads have tiles to share, within limits. */
  private static final int MIN_TILE = 256;

  private static final int MAX_TILE = 1376;

  /** Below this many multiplications, starting threads takes longer than the work. */
  private static final double WORTH_THREADS = 3e7;

  private final Features features;
  private final Blas blas;
  private final int rows;
  private final long columns;
  private final int tile;
  private final RowCentring centring;
  private final List<int[]> tiles;
  private final long mostOfBand;
  private FloatSquare gram = FloatSquare.of(0, new float[0]);

  GramAccumulator(Features features, Blas blas) {
    this(features, blas, FloatSquare.MOST_VALUES);
  }

  /**
   * An accumulator of one matrix.
   *
   * @param mostOfBand most values of a band of the result, on which its bits do not depend
   */
  GramAccumulator(Features features, Blas blas, long mostOfBand) {
    this.features = features;
    this.blas = blas;
    this.mostOfBand = mostOfBand;
    this.rows = features.rows();
    this.columns = features.columns();
    this.tile = Math.clamp(rows / 3, MIN_TILE, MAX_TILE);
    this.centring = new RowCentring(rows, (int) Math.min(columns, DEPTH));
    this.tiles = lowerTiles();
  }

  GramMatrix run(int threads) {
    if (threads <= 1 || (double) rows * rows * columns < WORTH_THREADS) {
      runAlone();
    } else {
      runShared(threads);
    }
    return new GramMatrix(gram, centring.squares(), centring.offsets());
  }

  private void runAlone() {
    allocate();
    float[] block = new float[rows * widthAt(0)];
    for (long from = 0; from < columns; from += DEPTH) {
      prepare(from, block);
      for (int[] at : tiles) {
        addTile(at, block, widthAt(from));
      }
    }
    tiles.forEach(this::mirror);
  }

  /** States which step has to wait for which; the threads then take what is ready. */
  private void runShared(int threads) {
    ThreadFactory factory = Thread.ofPlatform().daemon().name("pleat-gram-", 0).factory();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads, factory)) {
      CompletableFuture<Void> start = CompletableFuture.allOf();
      CompletableFuture<Void> allocated = CompletableFuture.runAsync(this::allocate, pool);
      CompletableFuture<Void> prepared = start;
      List<CompletableFuture<Void>> added =
          new ArrayList<>(Collections.nCopies(tiles.size(), allocated));
      Queue<CompletableFuture<Void>> emptied = new ArrayDeque<>(List.of(start, start));
      float[] block = new float[rows * widthAt(0)];
      float[] other = new float[columns > DEPTH ? block.length : 0];
      for (long from = 0; from < columns; from += DEPTH) {
        long first = from;
        float[] current = block;
        prepared =
            prepared.runAfterBothAsync(emptied.remove(), () -> prepare(first, current), pool);
        for (int t = 0; t < tiles.size(); t++) {
          int[] at = tiles.get(t);
          Runnable step = () -> addTile(at, current, widthAt(first));
          added.set(t, added.get(t).runAfterBothAsync(prepared, step, pool));
        }
        emptied.add(allOf(added));
        block = other;
        other = current;
      }
      for (int t = 0; t < tiles.size(); t++) {
        int[] at = tiles.get(t);
        added.set(t, added.get(t).thenRunAsync(() -> mirror(at), pool));
      }
      await(allOf(added));
    }
  }

  private static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> steps) {
    return CompletableFuture.allOf(steps.toArray(CompletableFuture<?>[]::new));
  }

  private static void await(CompletableFuture<Void> end) {
    try {
      end.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw e;
      }
    }
  }

  /** Is a step of its own, because clearing n² values takes as long as a block. */
  private void allocate() {
    gram = FloatSquare.zeros(rows, tile, mostOfBand);
  }

  private int widthAt(long from) {
    return (int) Math.min(DEPTH, columns - from);
  }

  private void prepare(long from, float[] block) {
    int width = widthAt(from);
    features.copy(from, width, block);
    centring.apply(block, width);
  }

  /**
   * First row and first column of the tiles of the lower triangle. Those on the diagonal take half
   * the time of the others, so they come last, where they even out what the threads have to do.
   */
  private List<int[]> lowerTiles() {
    List<int[]> tiles = new ArrayList<>();
    List<int[]> diagonal = new ArrayList<>();
    for (int i = 0; i < rows; i += tile) {
      for (int j = 0; j < i; j += tile) {
        tiles.add(new int[] {i, j});
      }
      diagonal.add(new int[] {i, i});
    }
    tiles.addAll(diagonal);
    return tiles;
  }

  private void addTile(int[] at, float[] block, int width) {
    int height = Math.min(tile, rows - at[0]);
    int across = Math.min(tile, rows - at[1]);
    MatrixView a = new MatrixView(block, at[0] * width, height, width, width);
    MatrixView c =
        new MatrixView(gram.band(at[0]), gram.start(at[0]) + at[1], height, across, rows);
    if (at[0] == at[1]) {
      blas.addGram(a, c);
    } else {
      blas.addProduct(a, new MatrixView(block, at[1] * width, across, width, width), c);
    }
  }

  /** Copies a tile of the lower triangle to its place above the diagonal. */
  private void mirror(int[] at) {
    gram.mirror(at[0], Math.min(at[0] + tile, rows), at[1], Math.min(at[1] + tile, rows));
  }
}
