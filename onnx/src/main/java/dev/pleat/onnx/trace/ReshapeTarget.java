package dev.pleat.onnx.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Resolves the 0 and −1 of a Reshape target where the sizes allow it. */
final class ReshapeTarget {
  private ReshapeTarget() {}

  static long[] dims(NodeContext node, Value x, List<ShapeElement> target, boolean copies) {
    long[] dims = new long[target.size()];
    int inferred = -1;
    for (int i = 0; i < dims.length; i++) {
      ShapeElement element = target.get(i);
      dims[i] = element.value();
      if (element.known() && element.value() == 0 && copies) {
        dims[i] = i < x.rank() ? x.dim(i) : node.symbol();
      } else if (element.known() && element.value() == -1) {
        inferred = i;
      }
    }
    if (inferred >= 0) {
      dims[inferred] = infer(node, x.dims(), dims, inferred);
    }
    return dims;
  }

  /**
   * A target in numbers alone, sizes that vary copied from the input or, if it is one, inferred.
   *
   * @param dims sizes of the result
   * @return empty where that cannot be said
   */
  static Optional<long[]> numbers(Value x, List<ShapeElement> target, long[] dims, boolean copies) {
    long[] numbers = new long[dims.length];
    boolean free = true;
    for (int i = 0; i < dims.length; i++) {
      ShapeElement element = target.get(i);
      if (element.known()) {
        numbers[i] = element.value();
      } else if (copies && i < x.rank() && x.dim(i) == dims[i]) {
        numbers[i] = 0;
      } else {
        numbers[i] = -1;
      }
      if (numbers[i] == -1) {
        if (!free) {
          return Optional.empty();
        }
        free = false;
      }
    }
    return Optional.of(numbers);
  }

  private static long infer(NodeContext node, long[] in, long[] out, int without) {
    List<Long> unknown = new ArrayList<>();
    long known = 1;
    for (long dim : in) {
      if (dim < 0) {
        unknown.add(dim);
      } else {
        known *= dim;
      }
    }
    long taken = 1;
    for (int i = 0; i < out.length; i++) {
      if (i == without) {
        continue;
      }
      if (out[i] >= 0) {
        taken *= out[i];
      } else if (!unknown.remove((Long) out[i])) {
        return node.symbol();
      }
    }
    if (unknown.isEmpty() && taken > 0 && known % taken == 0) {
      return known / taken;
    }
    return unknown.size() == 1 && known == taken ? unknown.getFirst() : node.symbol();
  }

  /** The size of merged axes, a symbol where it is not known. */
  static long product(NodeContext node, long[] dims, int from, int to) {
    long product = 1;
    long symbol = 0;
    for (int i = from; i < to; i++) {
      if (dims[i] >= 0) {
        product *= dims[i];
      } else if (symbol == 0) {
        symbol = dims[i];
      } else {
        return node.symbol();
      }
    }
    if (symbol == 0) {
      return product;
    }
    return product == 1 ? symbol : node.symbol();
  }
}
