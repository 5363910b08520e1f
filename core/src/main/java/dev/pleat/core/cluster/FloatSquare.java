package dev.pleat.core.cluster;

/**
 * A square matrix of single-precision values that may have more of them than one Java array holds:
 * its rows lie in bands, each band row-major in an array of its own. Up to 46,340 rows there is one
 * band.
 */
final class FloatSquare {
  /** Most values of an array that every Java runtime can make. */
  static final int MOST_VALUES = Integer.MAX_VALUE - 8;

  private final int size;
  private final int rowsOfBand;
  private final float[][] bands;

  private FloatSquare(int size, int rowsOfBand, float[][] bands) {
    this.size = size;
    this.rowsOfBand = rowsOfBand;
    this.bands = bands;
  }

  /**
   * A matrix of zeros whose bands begin at multiples of some number of rows.
   *
   * @param size number of rows and of columns, at least 1
   * @param step rows that stay together, at least 1
   * @param most values of a band, at least those of one step of rows
   */
  static FloatSquare zeros(int size, int step, long most) {
    int steps = (int) Math.min(most / ((long) step * size), (size + step - 1L) / step);
    int rows = (int) Math.min(size, (long) Math.max(1, steps) * step);
    float[][] bands = new float[(size + rows - 1) / rows][];
    for (int band = 0; band < bands.length; band++) {
      bands[band] = new float[Math.multiplyExact(Math.min(rows, size - band * rows), size)];
    }
    return new FloatSquare(size, rows, bands);
  }

  /** A matrix of zeros in as few bands as can be, which begin at multiples of {@code step} rows. */
  static FloatSquare zeros(int size, int step) {
    return zeros(size, step, MOST_VALUES);
  }

  /** Looks at the values of a row-major matrix, which are not copied. */
  static FloatSquare of(int size, float[] values) {
    return new FloatSquare(size, size, new float[][] {values});
  }

  /** The number of rows. */
  int size() {
    return size;
  }

  /** Whether all rows lie in one array. */
  boolean isWhole() {
    return bands.length == 1;
  }

  /** The array in which a row lies, together with those of its band. */
  float[] band(int row) {
    return bands[row / rowsOfBand];
  }

  /** The index of a row's first value in {@link #band}. */
  int start(int row) {
    return row % rowsOfBand * size;
  }

  float get(int row, int column) {
    return band(row)[start(row) + column];
  }

  void set(int row, int column, float value) {
    band(row)[start(row) + column] = value;
  }

  /** Copies all values below the diagonal to their places above it. */
  void mirror() {
    for (int from = 0; from < size; from += rowsOfBand) {
      int to = Math.min(size, from + rowsOfBand);
      mirror(from, to, 0, to);
    }
  }

  /** Does so for a tile whose rows lie in one band, cache line by line. */
  void mirror(int fromRow, int toRow, int fromColumn, int toColumn) {
    int step = 16;
    float[] source = band(fromRow);
    int first = start(fromRow);
    for (int i0 = fromRow; i0 < toRow; i0 += step) {
      for (int j0 = fromColumn; j0 < Math.min(toColumn, i0 + step); j0 += step) {
        for (int j = j0; j < Math.min(j0 + step, toColumn); j++) {
          float[] target = band(j);
          int row = start(j);
          for (int i = Math.max(i0, j + 1); i < Math.min(i0 + step, toRow); i++) {
            target[row + i] = source[first + (i - fromRow) * size + j];
          }
        }
      }
    }
  }
}
