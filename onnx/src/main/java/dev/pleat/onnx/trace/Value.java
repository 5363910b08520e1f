package dev.pleat.onnx.trace;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What is known of one value of the graph.
 *
 * @param ranked whether the number of axes is known; when not, {@code dims} and {@code labels} are
 *     empty
 * @param dims size of each axis; a negative number is the symbol of a size that is not known, equal
 *     symbols being equal sizes
 * @param labels channels of each axis
 * @param source where it comes from
 * @param elements the integers in it when it is a small shape computation
 */
record Value(
    boolean ranked,
    long[] dims,
    Label[] labels,
    Source source,
    Optional<List<ShapeElement>> elements) {

  /** Where a value comes from. */
  enum Source {
    /** It depends on the model's inputs. */
    ACTIVATION,
    /** It is a constant, at most transposed, reshaped or cast. */
    CONSTANT,
    /** It is computed from constants only, in a way that folding cannot follow. */
    COMPUTED
  }

  static Value unranked() {
    return new Value(false, new long[0], new Label[0], Source.ACTIVATION, Optional.empty());
  }

  static Value of(long[] dims, Label[] labels) {
    return new Value(true, dims, labels, Source.ACTIVATION, Optional.empty());
  }

  static Value plain(long... dims) {
    return of(dims, none(dims.length));
  }

  static Label[] none(int rank) {
    Label[] labels = new Label[rank];
    Arrays.fill(labels, Label.NONE);
    return labels;
  }

  Value from(Source other) {
    return new Value(ranked, dims, labels, other, elements);
  }

  Value holding(Optional<List<ShapeElement>> other) {
    return new Value(ranked, dims, labels, source, other);
  }

  Value withoutLabels() {
    return new Value(ranked, dims, none(dims.length), source, elements);
  }

  int rank() {
    return dims.length;
  }

  boolean isConstant() {
    return source == Source.CONSTANT;
  }

  boolean isActivation() {
    return source == Source.ACTIVATION;
  }

  /** The label of an axis counted from the front, or from the back when negative. */
  Label label(int axis) {
    return labels[axis < 0 ? axis + labels.length : axis];
  }

  long dim(int axis) {
    return dims[axis < 0 ? axis + dims.length : axis];
  }
}
