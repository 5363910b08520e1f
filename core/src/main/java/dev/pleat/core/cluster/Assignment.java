package dev.pleat.core.cluster;

import java.util.Arrays;

/**
 * The assignment problem: the one-to-one matching of rows with columns of the least total cost, by
 * shortest augmenting paths with potentials (the Hungarian method; Jonker and Volgenant 1987).
 * O(n³) time, O(n) memory beside the costs. Ties go to the lower index.
 */
public final class Assignment {
  private Assignment() {}

  /**
   * The column of each row.
   *
   * @param cost n×n, finite
   */
  public static int[] of(double[][] cost) {
    int n = cost.length;
    double[] ofRow = new double[n + 1];
    double[] ofColumn = new double[n + 1];
    // Rows and columns count from 1; 0 stands for none.
    int[] rowOf = new int[n + 1];
    for (int row = 1; row <= n; row++) {
      int[] before = new int[n + 1];
      double[] slack = new double[n + 1];
      boolean[] done = new boolean[n + 1];
      Arrays.fill(slack, Double.POSITIVE_INFINITY);
      rowOf[0] = row;
      int column = 0;
      while (rowOf[column] != 0) {
        done[column] = true;
        int at = rowOf[column];
        int next = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int j = 1; j <= n; j++) {
          if (done[j]) {
            continue;
          }
          double reduced = cost[at - 1][j - 1] - ofRow[at] - ofColumn[j];
          if (reduced < slack[j]) {
            slack[j] = reduced;
            before[j] = column;
          }
          if (slack[j] < least) {
            least = slack[j];
            next = j;
          }
        }
        for (int j = 0; j <= n; j++) {
          if (done[j]) {
            ofRow[rowOf[j]] += least;
            ofColumn[j] -= least;
          } else {
            slack[j] -= least;
          }
        }
        column = next;
      }
      while (column != 0) {
        rowOf[column] = rowOf[before[column]];
        column = before[column];
      }
    }
    int[] columnOf = new int[n];
    for (int j = 1; j <= n; j++) {
      columnOf[rowOf[j] - 1] = j - 1;
    }
    return columnOf;
  }
}
