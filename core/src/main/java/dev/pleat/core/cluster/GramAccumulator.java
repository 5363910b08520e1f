package dev.pleat.core.cluster;

import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.Features;
import dev.pleat.core.linalg.MatrixView;
import dev.pleat.core.linalg.Workers;

/**
 * Streams features into a Gram matrix. Tiles and blocks have fixed sizes and every tile adds its
 * blocks in order, so the sums do not depend on how many threads share the tiles. One thread
 * prepares the next block while the others are at the tiles of the current one.
 */
final class GramAccumulator {
  /** Columns of a block. Not a power of two, so that rows do not fall into the same cache sets. */
  private static final int DEPTH = 1040;

  /** Rows and columns of a tile. */
  private static final int TILE = 512;

  /** Below this many multiplications, starting threads takes longer than the work. */
  private static final double WORTH_THREADS = 3e7;

  private final Features features;
  private final Blas blas;
  private final int rows;
  private final long columns;
  private final float[] gram;
  private final RowCentring centring;

  GramAccumulator(Features features, Blas blas) {
    this.features = features;
    this.blas = blas;
    this.rows = features.rows();
    this.columns = features.columns();
    this.gram = new float[rows * rows];
    this.centring = new RowCentring(rows, DEPTH);
  }

  GramMatrix run(int threads) {
    boolean alone = (double) rows * rows * columns < WORTH_THREADS;
    try (Workers workers = new Workers(alone ? 1 : threads)) {
      int[][] tiles = lowerTiles();
      int width = (int) Math.min(columns, DEPTH);
      float[] current = new float[rows * width];
      float[] next = new float[columns > width ? rows * width : 0];
      prepare(0, current);
      for (long from = 0; from < columns; from += DEPTH) {
        float[] block = current;
        float[] following = next;
        long start = from;
        workers.run(
            tiles.length + 1,
            task -> {
              if (task == 0) {
                prepare(start + DEPTH, following);
              } else {
                addTile(tiles[task - 1], block, widthAt(start));
              }
            });
        current = following;
        next = block;
      }
      workers.run(tiles.length, task -> mirror(tiles[task]));
    }
    return new GramMatrix(gram, centring.squares(), centring.offsets());
  }

  private int widthAt(long from) {
    return (int) Math.min(DEPTH, columns - from);
  }

  private void prepare(long from, float[] block) {
    if (from < columns) {
      int width = widthAt(from);
      features.copy(from, width, block);
      centring.apply(block, width);
    }
  }

  /** Row and column tiles of the lower triangle, the diagonal included. */
  private int[][] lowerTiles() {
    int side = (rows + TILE - 1) / TILE;
    int[][] tiles = new int[side * (side + 1) / 2][];
    int count = 0;
    for (int i = 0; i < side; i++) {
      for (int j = 0; j <= i; j++) {
        tiles[count++] = new int[] {i * TILE, j * TILE};
      }
    }
    return tiles;
  }

  private void addTile(int[] tile, float[] block, int width) {
    int height = Math.min(TILE, rows - tile[0]);
    int across = Math.min(TILE, rows - tile[1]);
    MatrixView a = new MatrixView(block, tile[0] * width, height, width, width);
    MatrixView c = new MatrixView(gram, tile[0] * rows + tile[1], height, across, rows);
    if (tile[0] == tile[1]) {
      blas.addGram(a, c);
    } else {
      blas.addProduct(a, new MatrixView(block, tile[1] * width, across, width, width), c);
    }
  }

  /** Copies a tile of the lower triangle to its place above the diagonal, cache line by line. */
  private void mirror(int[] tile) {
    int step = 16;
    int lastRow = Math.min(tile[0] + TILE, rows);
    int lastColumn = Math.min(tile[1] + TILE, rows);
    for (int i0 = tile[0]; i0 < lastRow; i0 += step) {
      for (int j0 = tile[1]; j0 < Math.min(lastColumn, i0 + step); j0 += step) {
        for (int j = j0; j < Math.min(j0 + step, lastColumn); j++) {
          for (int i = Math.max(i0, j + 1); i < Math.min(i0 + step, lastRow); i++) {
            gram[j * rows + i] = gram[i * rows + j];
          }
        }
      }
    }
  }
}
