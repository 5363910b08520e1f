package dev.pleat.onnx.trace;

import java.util.List;

/** A number in the graph that must follow the widths of the groups. */
public sealed interface Edit {

  /** The index of the node in topological order. */
  int node();

  /** The {@code group} attribute of a depthwise convolution: the number of its input channels. */
  record GroupCount(int node, Axis axis) implements Edit {}

  /** An element of an integer constant that a node reads: the size of an axis. */
  record Literal(Edge edge, int element, Axis axis) implements Edit {
    @Override
    public int node() {
      return edge.node();
    }
  }

  /** The sizes that a Split cuts an axis into. */
  record SplitSizes(int node, List<Axis> pieces) implements Edit {}

  /** Where a Slice cuts an axis: {@code index} counts among the sliced axes. */
  record SliceBounds(int node, int index, Axis axis, int start, int end) implements Edit {}

  /**
   * An axis and the channels on it.
   *
   * @param ids channel of each position as {@link Trace#keptPositions} understands it
   */
  record Axis(int[] ids) {}
}
