package dev.pleat.core.linalg;

import dev.pleat.core.PleatException;

/**
 * A matrix that is read in blocks of columns, so that it never has to be in memory as a whole. Row
 * i describes channel i (method: section 2 of the paper, rows of all producers and columns of all
 * consumers side by side).
 */
public interface Features {

  /** The number of rows n, at least 1. */
  int rows();

  /** The number of columns d, at least 0. */
  long columns();

  /**
   * Writes {@code count} columns from {@code fromColumn} on as a row-major rows×count matrix to the
   * start of {@code block}, which may be longer. Is called by one thread at a time, with rising
   * {@code fromColumn}.
   */
  void copy(long fromColumn, int count, float[] block);

  /**
   * Features held in memory.
   *
   * @param rows the number of rows, at least 1
   * @param values a row-major matrix, not copied
   * @throws PleatException when the values do not fill rows of one length
   */
  static Features of(int rows, float[] values) {
    if (rows < 1 || values.length % rows != 0) {
      throw new PleatException(
          "features: " + values.length + " values cannot be cut into " + rows + " equal rows");
    }
    int columns = values.length / rows;
    return new Features() {
      @Override
      public int rows() {
        return rows;
      }

      @Override
      public long columns() {
        return columns;
      }

      @Override
      public void copy(long fromColumn, int count, float[] block) {
        for (int i = 0; i < rows; i++) {
          System.arraycopy(
              values, Math.toIntExact((long) i * columns + fromColumn), block, i * count, count);
        }
      }
    };
  }
}
