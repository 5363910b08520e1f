package dev.pleat.onnx.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongBinaryOperator;
import java.util.stream.Stream;

/** Follows the small integer vectors that exporters compute shapes with. */
final class ShapeArithmetic {
  /** Operators whose own rule deals with the sizes that they read. */
  private static final Set<String> READERS =
      Set.of("Reshape", "Expand", "Resize", "Slice", "Split", "Shape", "Tile", "ConstantOfShape");

  private ShapeArithmetic() {}

  /**
   * Sets what is known of the first output's integers. A width that goes into anything else cannot
   * change.
   */
  static void apply(NodeContext node) {
    if (node.outputCount() == 0) {
      return;
    }
    Optional<List<ShapeElement>> elements = evaluate(node);
    if (elements.isEmpty()) {
      elements = node.seenIntegers(0).map(values -> computed(node, values));
    }
    if (elements.isPresent()) {
      node.out(0, node.out(0).holding(elements));
    } else if (!READERS.contains(node.node().getOpType())) {
      sources(node).forEach(label -> node.freeze(label, "computes with its width"));
    }
  }

  /** Integers that were seen, computed in whatever way from all that the node reads. */
  private static List<ShapeElement> computed(NodeContext node, List<ShapeElement> seen) {
    List<Label> sources = sources(node);
    return seen.stream()
        .map(e -> new ShapeElement(e.known(), e.value(), new ShapeElement.Computed(sources)))
        .toList();
  }

  private static List<Label> sources(NodeContext node) {
    return node.inputs().stream()
        .flatMap(value -> value.elements().stream())
        .flatMap(List::stream)
        .flatMap(element -> element.sources().stream())
        .distinct()
        .toList();
  }

  private static Optional<List<ShapeElement>> evaluate(NodeContext node) {
    return switch (node.node().getOpType()) {
      case "Shape" -> shape(node);
      case "Identity", "Cast", "Unsqueeze", "Squeeze", "Reshape" ->
          node.has(0) && node.out(0).rank() <= 1 ? node.in(0).elements() : Optional.empty();
      case "Concat" -> concat(node);
      case "Gather" -> gather(node);
      case "Slice" -> slice(node);
      case "Add" -> arithmetic(node, Math::addExact);
      case "Sub" -> arithmetic(node, Math::subtractExact);
      case "Mul" -> arithmetic(node, Math::multiplyExact);
      case "Div" -> arithmetic(node, (a, b) -> b == 0 ? 0 : a / b);
      default -> Optional.empty();
    };
  }

  private static Optional<List<ShapeElement>> shape(NodeContext node) {
    Value value = node.in(0);
    if (!value.ranked()) {
      return Optional.empty();
    }
    int rank = value.rank();
    int start = bound((int) node.integer("start", 0), rank);
    int end = bound((int) node.integer("end", rank), rank);
    List<ShapeElement> elements = new ArrayList<>();
    for (int i = start; i < end; i++) {
      elements.add(ShapeElement.dimension(value.dim(i), value.label(i)));
    }
    return Optional.of(elements);
  }

  private static int bound(int index, int rank) {
    return Math.clamp(index < 0 ? index + rank : index, 0, rank);
  }

  private static Optional<List<ShapeElement>> concat(NodeContext node) {
    List<ShapeElement> elements = new ArrayList<>();
    for (Value value : node.inputs()) {
      if (value.elements().isEmpty()) {
        return Optional.empty();
      }
      elements.addAll(value.elements().get());
    }
    return Optional.of(elements);
  }

  private static Optional<List<ShapeElement>> gather(NodeContext node) {
    Optional<long[]> indices = node.integers(1, "");
    Optional<List<ShapeElement>> data = node.in(0).elements();
    if (data.isEmpty() || indices.isEmpty() || node.in(0).rank() != 1) {
      return Optional.empty();
    }
    List<ShapeElement> elements = new ArrayList<>();
    for (long index : indices.get()) {
      int i = (int) (index < 0 ? index + data.get().size() : index);
      if (i < 0 || i >= data.get().size()) {
        return Optional.empty();
      }
      elements.add(data.get().get(i));
    }
    return Optional.of(elements);
  }

  private static Optional<List<ShapeElement>> slice(NodeContext node) {
    Optional<List<ShapeElement>> data = node.in(0).elements();
    Optional<long[]> starts = node.integers(1, "starts");
    Optional<long[]> ends = node.integers(2, "ends");
    boolean stepped = node.integers(4, "").map(steps -> steps[0] != 1).orElse(node.has(4));
    if (data.isEmpty() || starts.isEmpty() || ends.isEmpty() || stepped) {
      return Optional.empty();
    }
    int size = data.get().size();
    int from = bound((int) Math.clamp(starts.get()[0], -size, size), size);
    int to = bound((int) Math.clamp(ends.get()[0], -size, size), size);
    return Optional.of(data.get().subList(from, Math.max(from, to)));
  }

  private static Optional<List<ShapeElement>> arithmetic(
      NodeContext node, LongBinaryOperator operator) {
    Optional<List<ShapeElement>> left = node.in(0).elements();
    Optional<List<ShapeElement>> right = node.in(1).elements();
    if (left.isEmpty() || right.isEmpty()) {
      return Optional.empty();
    }
    List<ShapeElement> a = left.get();
    List<ShapeElement> b = right.get();
    int size = Math.max(a.size(), b.size());
    boolean broadcast = (a.size() == size || a.size() == 1) && (b.size() == size || b.size() == 1);
    if (!broadcast) {
      return Optional.empty();
    }
    List<ShapeElement> result = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      ShapeElement x = a.get(a.size() == 1 ? 0 : i);
      ShapeElement y = b.get(b.size() == 1 ? 0 : i);
      ShapeElement.Origin computed =
          new ShapeElement.Computed(
              Stream.concat(x.sources().stream(), y.sources().stream()).distinct().toList());
      result.add(
          x.known() && y.known()
              ? new ShapeElement(true, operator.applyAsLong(x.value(), y.value()), computed)
              : new ShapeElement(false, node.symbol(), computed));
    }
    return Optional.of(result);
  }
}
