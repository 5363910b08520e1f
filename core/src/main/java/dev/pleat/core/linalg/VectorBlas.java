package dev.pleat.core.linalg;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Kernels on the Vector API, after Goto and van de Geijn, "Anatomy of high-performance matrix
 * multiplication" (2008): a panel of B is packed so that its rows lie side by side, and six rows of
 * A times two vectors of the panel stay in twelve accumulators, which with their operands fit the
 * sixteen registers that every x86 and ARM machine has. Each element is a plain chain of fused
 * multiply-adds, so its bits depend neither on the vector width nor on its place.
 *
 * <p>This class must only be touched when the module {@code jdk.incubator.vector} is present.
 */
final class VectorBlas implements Blas {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** Rows of A that a kernel takes at once. */
  private static final int HIGH = 6;

  /** Rows of B in a panel. */
  private static final int WIDE = 2 * LANES;

  /** Columns in a panel: it has to stay in the first cache. */
  private static final int DEPTH = 256;

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public String description() {
    return "Vector API (" + SPECIES.vectorBitSize() + " bits)";
  }

  @Override
  public void addGram(MatrixView a, MatrixView c) {
    MatrixView.checkShapes(a, a, c);
    add(a, a, c, true);
  }

  @Override
  public void addProduct(MatrixView a, MatrixView b, MatrixView c) {
    MatrixView.checkShapes(a, b, c);
    add(a, b, c, false);
  }

  private static void add(MatrixView a, MatrixView b, MatrixView c, boolean lowerOnly) {
    float[] panel = new float[Math.min(DEPTH, a.columns()) * WIDE];
    float[] corner = new float[WIDE];
    for (int from = 0; from < a.columns(); from += DEPTH) {
      int depth = Math.min(DEPTH, a.columns() - from);
      for (int j = 0; j < b.rows(); j += WIDE) {
        int wide = Math.min(WIDE, b.rows() - j);
        pack(b, j, wide, from, depth, panel);
        for (int i = lowerOnly ? j : 0; i < a.rows(); i += HIGH) {
          int high = Math.min(HIGH, a.rows() - i);
          if (high == HIGH && wide == WIDE) {
            addKernel(a, i, from, depth, panel, c.values(), c.row(i) + j, c.stride());
          } else {
            addEdge(a, i, high, from, depth, panel, wide, corner, c, j);
          }
        }
      }
    }
  }

  /** Writes rows of B as columns of the panel; columns beyond {@code wide} are zero. */
  private static void pack(MatrixView b, int j, int wide, int from, int depth, float[] panel) {
    if (wide < WIDE) {
      Arrays.fill(panel, 0f);
    }
    for (int column = 0; column < wide; column++) {
      int row = b.row(j + column) + from;
      for (int p = 0; p < depth; p++) {
        panel[p * WIDE + column] = b.values()[row + p];
      }
    }
  }

  private static void addKernel(
      MatrixView a, int i, int from, int depth, float[] panel, float[] c, int cell, int stride) {
    float[] x = a.values();
    int step = a.stride();
    int row = a.row(i) + from;
    FloatVector s00 = FloatVector.fromArray(SPECIES, c, cell);
    FloatVector s01 = FloatVector.fromArray(SPECIES, c, cell + LANES);
    FloatVector s10 = FloatVector.fromArray(SPECIES, c, cell + stride);
    FloatVector s11 = FloatVector.fromArray(SPECIES, c, cell + stride + LANES);
    FloatVector s20 = FloatVector.fromArray(SPECIES, c, cell + 2 * stride);
    FloatVector s21 = FloatVector.fromArray(SPECIES, c, cell + 2 * stride + LANES);
    FloatVector s30 = FloatVector.fromArray(SPECIES, c, cell + 3 * stride);
    FloatVector s31 = FloatVector.fromArray(SPECIES, c, cell + 3 * stride + LANES);
    FloatVector s40 = FloatVector.fromArray(SPECIES, c, cell + 4 * stride);
    FloatVector s41 = FloatVector.fromArray(SPECIES, c, cell + 4 * stride + LANES);
    FloatVector s50 = FloatVector.fromArray(SPECIES, c, cell + 5 * stride);
    FloatVector s51 = FloatVector.fromArray(SPECIES, c, cell + 5 * stride + LANES);
    for (int p = 0; p < depth; p++) {
      FloatVector y0 = FloatVector.fromArray(SPECIES, panel, p * WIDE);
      FloatVector y1 = FloatVector.fromArray(SPECIES, panel, p * WIDE + LANES);
      int at = row + p;
      FloatVector x0 = FloatVector.broadcast(SPECIES, x[at]);
      s00 = x0.fma(y0, s00);
      s01 = x0.fma(y1, s01);
      FloatVector x1 = FloatVector.broadcast(SPECIES, x[at + step]);
      s10 = x1.fma(y0, s10);
      s11 = x1.fma(y1, s11);
      FloatVector x2 = FloatVector.broadcast(SPECIES, x[at + 2 * step]);
      s20 = x2.fma(y0, s20);
      s21 = x2.fma(y1, s21);
      FloatVector x3 = FloatVector.broadcast(SPECIES, x[at + 3 * step]);
      s30 = x3.fma(y0, s30);
      s31 = x3.fma(y1, s31);
      FloatVector x4 = FloatVector.broadcast(SPECIES, x[at + 4 * step]);
      s40 = x4.fma(y0, s40);
      s41 = x4.fma(y1, s41);
      FloatVector x5 = FloatVector.broadcast(SPECIES, x[at + 5 * step]);
      s50 = x5.fma(y0, s50);
      s51 = x5.fma(y1, s51);
    }
    s00.intoArray(c, cell);
    s01.intoArray(c, cell + LANES);
    s10.intoArray(c, cell + stride);
    s11.intoArray(c, cell + stride + LANES);
    s20.intoArray(c, cell + 2 * stride);
    s21.intoArray(c, cell + 2 * stride + LANES);
    s30.intoArray(c, cell + 3 * stride);
    s31.intoArray(c, cell + 3 * stride + LANES);
    s40.intoArray(c, cell + 4 * stride);
    s41.intoArray(c, cell + 4 * stride + LANES);
    s50.intoArray(c, cell + 5 * stride);
    s51.intoArray(c, cell + 5 * stride + LANES);
  }

  /** The same sums where fewer rows than a kernel takes, or fewer columns, are left. */
  private static void addEdge(
      MatrixView a,
      int i,
      int high,
      int from,
      int depth,
      float[] panel,
      int wide,
      float[] corner,
      MatrixView c,
      int j) {
    for (int row = 0; row < high; row++) {
      int cell = c.row(i + row) + j;
      System.arraycopy(c.values(), cell, corner, 0, wide);
      addRow(a.values(), a.row(i + row) + from, depth, panel, corner);
      System.arraycopy(corner, 0, c.values(), cell, wide);
    }
  }

  private static void addRow(float[] x, int row, int depth, float[] panel, float[] corner) {
    FloatVector s0 = FloatVector.fromArray(SPECIES, corner, 0);
    FloatVector s1 = FloatVector.fromArray(SPECIES, corner, LANES);
    for (int p = 0; p < depth; p++) {
      FloatVector x0 = FloatVector.broadcast(SPECIES, x[row + p]);
      s0 = x0.fma(FloatVector.fromArray(SPECIES, panel, p * WIDE), s0);
      s1 = x0.fma(FloatVector.fromArray(SPECIES, panel, p * WIDE + LANES), s1);
    }
    s0.intoArray(corner, 0);
    s1.intoArray(corner, LANES);
  }
}
