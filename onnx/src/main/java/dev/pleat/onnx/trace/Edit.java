package dev.pleat.onnx.trace;

import java.util.List;

/** A number in the graph that must follow the widths of the groups. */
public sealed interface Edit {

  /** The index of the node in topological order. */
  int node();

  /** An attribute that is the size of an axis: the groups of a depthwise convolution, say. */
  record Count(int node, String attribute, Axis axis) implements Edit {}

  /** An element of an integer constant that a node reads: the size of an axis. */
  record Literal(Edge edge, int element, Axis axis) implements Edit {
    @Override
    public int node() {
      return edge.node();
    }
  }

  /**
   * An integer input of a node in which numbers take the place of elements that do not follow the
   * widths as they should. The others stay what they are computed to be: they may differ from run
   * to run.
   *
   * @param values the elements as they are or could be
   * @param widths the axis whose size each element is, empty where it is none that folds
   * @param from the axes whose sizes each element is computed from
   * @param given for each element whether its value takes its place in any case
   */
  record Numbers(
      Edge edge, long[] values, List<Axis> widths, List<List<Axis>> from, boolean[] given)
      implements Edit {
    @Override
    public int node() {
      return edge.node();
    }
  }

  /**
   * The positions that a Gather picks.
   *
   * @param shape of its input
   * @param positions what its input holds, counted from the front
   * @param axis the axis that it picks from
   */
  record Indices(Edge edge, long[] shape, int[] positions, Axis axis) implements Edit {
    @Override
    public int node() {
      return edge.node();
    }
  }

  /** The sizes that a Split cuts an axis into. */
  record SplitSizes(int node, List<Axis> pieces) implements Edit {}

  /**
   * Where a Slice cuts its axes.
   *
   * @param starts, ends, axes, steps its inputs as they are; the last two empty where it has none
   * @param cuts what is cut of axes that hold channels
   */
  record SliceBounds(
      int node, long[] starts, long[] ends, long[] axes, long[] steps, List<Cut> cuts)
      implements Edit {}

  /**
   * A cut of one axis.
   *
   * @param index among the axes that the Slice names
   * @param axis the whole axis
   * @param start first position that stays
   * @param end position after the last one
   */
  record Cut(int index, Axis axis, int start, int end) {}

  /**
   * An input of which a node takes a mean, a norm or the like across channels that may merge: it
   * has to see each merged channel as often as there were members.
   *
   * @param at which of its axes holds them
   */
  record Repeated(Edge edge, int at, Axis axis) implements Edit {
    @Override
    public int node() {
      return edge.node();
    }
  }

  /**
   * An axis and the channels on it.
   *
   * @param ids channel of each position as {@link Trace#keptPositions} understands it
   */
  record Axis(int[] ids) {}
}
