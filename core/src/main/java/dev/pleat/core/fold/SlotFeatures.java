package dev.pleat.core.fold;

import dev.pleat.core.group.AxisView;
import dev.pleat.core.group.Slot;
import dev.pleat.core.linalg.Features;
import dev.pleat.core.tensor.FloatSource;
import dev.pleat.core.tensor.TensorStore;
import java.util.ArrayList;
import java.util.List;

/**
 * The feature matrix X of a group (2502.10216, section 3): row i is every value that describes
 * channel i in the given slots, side by side. Nothing is copied but the block that is asked for.
 */
final class SlotFeatures implements Features {
  private record Part(
      FloatSource values, AxisView view, int[][] positions, long columns, double[] scale) {}

  private final int rows;
  private final List<Part> parts = new ArrayList<>();
  private final long columns;

  /** The values as they are. */
  SlotFeatures(int rows, List<Slot> slots, TensorStore store) {
    this(rows, slots, store, FeatureScale.NONE);
  }

  SlotFeatures(int rows, List<Slot> slots, TensorStore store, FeatureScale scales) {
    this.rows = rows;
    long sum = 0;
    for (Slot slot : slots) {
      AxisView view = AxisView.of(store.shape(slot.tensor()), slot.axis(), slot.partitions());
      int[][] positions = slot.positions(rows);
      long width = (long) positions[0].length * view.length();
      parts.add(new Part(store.source(slot.tensor()), view, positions, width, scales.of(slot)));
      sum += width;
    }
    columns = sum;
  }

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
    long skipped = 0;
    int done = 0;
    for (Part part : parts) {
      long first = Math.max(fromColumn, skipped);
      long last = Math.min(fromColumn + count, skipped + part.columns);
      if (first < last) {
        copy(part, first - skipped, (int) (last - first), block, done, count);
        done += (int) (last - first);
      }
      skipped += part.columns;
    }
  }

  /** Columns of one part: occurrence, then outer index, then the run. */
  private void copy(Part part, long from, int count, float[] block, int offset, int width) {
    AxisView view = part.view;
    int length = view.length();
    for (int row = 0; row < rows; row++) {
      int target = row * width + offset;
      int end = target + count;
      int occurrence = (int) (from / length);
      int within = (int) (from % length);
      while (target < end) {
        int outer = within / view.run();
        int inner = within % view.run();
        int piece = Math.min(view.run() - inner, end - target);
        int start = view.start(part.positions[row][occurrence]) + outer * view.stride() + inner;
        part.values.copy(start, block, target, piece);
        if (part.scale.length > 0) {
          for (int j = target; j < target + piece; j++) {
            block[j] = (float) (block[j] * part.scale[row]);
          }
        }
        target += piece;
        within += piece;
        if (within == length) {
          within = 0;
          occurrence++;
        }
      }
    }
  }
}
