package dev.pleat.onnx.choose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Chooses, of many inputs, those that a network has most to say about: each of its columns names
 * the input with the largest value that is not chosen yet, in turn, until there are enough. Classes
 * that hardly any input is taken for are so as well served as those that most are.
 */
final class Choice {
  private Choice() {}

  /**
   * The chosen ones.
   *
   * @param rows what the network says of each input; empty ones are left out
   * @param count how many are wanted
   * @return indices of rows, ascending
   */
  static int[] of(List<float[]> rows, int count) {
    int[] usable = IntStream.range(0, rows.size()).filter(i -> rows.get(i).length > 0).toArray();
    if (usable.length <= count) {
      return usable;
    }
    int columns = Arrays.stream(usable).map(i -> rows.get(i).length).min().orElse(0);
    List<int[]> best = new ArrayList<>();
    double[] height = new double[columns];
    for (int c = 0; c < columns; c++) {
      best.add(best(rows, usable, c, count));
      height[c] = height(rows, usable, c);
    }
    // Columns that stand out come first, for where there are more columns than inputs wanted.
    int[] order =
        IntStream.range(0, columns)
            .filter(c -> height[c] > 0)
            .boxed()
            .sorted(Comparator.comparingDouble(c -> -height[c]))
            .mapToInt(c -> c)
            .toArray();
    boolean[] taken = new boolean[rows.size()];
    int[] next = new int[columns];
    int left = count;
    while (left > 0 && order.length > 0) {
      for (int c : order) {
        int[] list = best.get(c);
        while (next[c] < list.length && taken[list[next[c]]]) {
          next[c]++;
        }
        if (left > 0 && next[c] < list.length) {
          taken[list[next[c]++]] = true;
          left--;
        }
      }
    }
    for (int i = 0; i < usable.length && left > 0; i++) {
      left -= taken[usable[i]] ? 0 : 1;
      taken[usable[i]] = true;
    }
    return IntStream.range(0, taken.length).filter(i -> taken[i]).toArray();
  }

  /** The inputs with the largest values of a column, the largest first. */
  private static int[] best(List<float[]> rows, int[] usable, int column, int count) {
    return Arrays.stream(usable)
        .boxed()
        .sorted(
            Comparator.<Integer>comparingDouble(i -> -rows.get(i)[column])
                .thenComparing(Comparator.naturalOrder()))
        .limit(count)
        .mapToInt(i -> i)
        .toArray();
  }

  /** The largest value of a column in deviations from its mean; 0 for a constant one. */
  private static double height(List<float[]> rows, int[] usable, int column) {
    double sum = 0;
    double squares = 0;
    double largest = Double.NEGATIVE_INFINITY;
    for (int i : usable) {
      double value = rows.get(i)[column];
      sum += value;
      squares += value * value;
      largest = Math.max(largest, value);
    }
    double mean = sum / usable.length;
    double variance = squares / usable.length - mean * mean;
    return variance <= 1e-12 * squares / usable.length ? 0 : (largest - mean) / Math.sqrt(variance);
  }
}
