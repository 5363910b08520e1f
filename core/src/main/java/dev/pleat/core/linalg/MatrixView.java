package dev.pleat.core.linalg;

import java.util.Objects;

/**
 * A row-major matrix inside an array. Its constructor checks the bounds once, so that native code
 * which takes a view never has to.
 */
public final class MatrixView {
  private final float[] values;
  private final int offset;
  private final int rows;
  private final int columns;
  private final int stride;

  /**
   * Looks at part of an array, which is not copied.
   *
   * @param values where the matrix lies
   * @param offset index of its first element
   * @param rows number of rows, at least 1
   * @param columns number of columns, at least 1
   * @param stride distance between the starts of two rows, at least {@code columns}
   * @throws IndexOutOfBoundsException when the matrix does not lie within the array
   */
  public MatrixView(float[] values, int offset, int rows, int columns, int stride) {
    if (rows < 1 || columns < 1 || stride < columns) {
      throw new IndexOutOfBoundsException(
          "matrix of " + rows + " x " + columns + " with stride " + stride);
    }
    Objects.checkFromIndexSize(offset, (rows - 1L) * stride + columns, (long) values.length);
    this.values = values;
    this.offset = offset;
    this.rows = rows;
    this.columns = columns;
    this.stride = stride;
  }

  /** The array under the view. */
  public float[] values() {
    return values;
  }

  /** Index of the first element. */
  public int offset() {
    return offset;
  }

  /** Number of rows, at least 1. */
  public int rows() {
    return rows;
  }

  /** Number of columns, at least 1. */
  public int columns() {
    return columns;
  }

  /** Distance between the starts of two rows. */
  public int stride() {
    return stride;
  }

  /** Index of the first element of a row. */
  int row(int i) {
    return offset + i * stride;
  }

  static void checkShapes(MatrixView a, MatrixView b, MatrixView c) {
    if (a.columns != b.columns || c.rows != a.rows || c.columns != b.rows) {
      throw new IndexOutOfBoundsException(
          "C += A·Bᵀ with A %d x %d, B %d x %d, C %d x %d"
              .formatted(a.rows, a.columns, b.rows, b.columns, c.rows, c.columns));
    }
  }
}
