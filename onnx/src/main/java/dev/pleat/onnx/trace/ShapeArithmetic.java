package dev.pleat.onnx.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;

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
      case "Equal" -> equal(node);
      case "Where" -> where(node);
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
    return elementwise(
        node,
        elements -> {
          ShapeElement x = elements.get(0);
          ShapeElement y = elements.get(1);
          return x.known() && y.known()
              ? new ShapeElement(
                  true, operator.applyAsLong(x.value(), y.value()), computed(elements))
              : new ShapeElement(false, node.symbol(), computed(elements));
        });
  }

  /** Whether sizes are equal, as 1 and 0; no size of an axis is the −1 of a target shape. */
  private static Optional<List<ShapeElement>> equal(NodeContext node) {
    return elementwise(
        node,
        elements -> {
          ShapeElement x = elements.get(0);
          ShapeElement y = elements.get(1);
          if (isSize(x) && isNegative(y) || isSize(y) && isNegative(x)) {
            return new ShapeElement(true, 0, computed(List.of()));
          }
          return x.known() && y.known()
              ? new ShapeElement(true, x.value() == y.value() ? 1 : 0, computed(elements))
              : new ShapeElement(false, node.symbol(), computed(elements));
        });
  }

  private static boolean isSize(ShapeElement element) {
    return element.origin() instanceof ShapeElement.Dimension;
  }

  private static boolean isNegative(ShapeElement element) {
    return element.known() && element.value() < 0;
  }

  /** A choice that no width has a part in is made here: what is chosen keeps its origin. */
  private static Optional<List<ShapeElement>> where(NodeContext node) {
    return elementwise(
        node,
        elements -> {
          ShapeElement condition = elements.get(0);
          if (condition.known() && condition.sources().isEmpty()) {
            return elements.get(condition.value() != 0 ? 1 : 2);
          }
          return new ShapeElement(false, node.symbol(), computed(elements));
        });
  }

  private static ShapeElement.Origin computed(List<ShapeElement> from) {
    return new ShapeElement.Computed(
        from.stream().flatMap(element -> element.sources().stream()).distinct().toList());
  }

  /** What a node computes of each element of its inputs, which have one length or a single one. */
  private static Optional<List<ShapeElement>> elementwise(
      NodeContext node, Function<List<ShapeElement>, ShapeElement> operator) {
    List<List<ShapeElement>> inputs = new ArrayList<>();
    for (Value input : node.inputs()) {
      if (input.elements().isEmpty()) {
        return Optional.empty();
      }
      inputs.add(input.elements().get());
    }
    int size = inputs.stream().mapToInt(List::size).max().orElse(0);
    if (!inputs.stream().allMatch(input -> input.size() == size || input.size() == 1)) {
      return Optional.empty();
    }
    return Optional.of(
        IntStream.range(0, size)
            .mapToObj(i ->
                operator.apply(
                    inputs.stream().map(input -> input.get(input.size() == 1 ? 0 : i)).toList()))
            .toList());
  }
}
