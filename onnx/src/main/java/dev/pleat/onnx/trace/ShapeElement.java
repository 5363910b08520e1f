package dev.pleat.onnx.trace;

import java.util.List;

/**
 * One integer of a shape computation.
 *
 * @param known whether its value is known; when not, {@code value} is the symbol of the size it
 *     equals
 * @param value the integer
 * @param origin where it comes from
 */
record ShapeElement(boolean known, long value, Origin origin) {

  /** Where an integer of a shape computation comes from. */
  sealed interface Origin {}

  /** It stands in a constant, which a folded width may have to change. */
  record Literal(Edge edge, int element) implements Origin {}

  /** It is the size of an axis when the model runs, so it follows folding by itself. */
  record Dimension(Label label) implements Origin {}

  /**
   * It was computed.
   *
   * @param from the axes whose sizes went into it
   */
  record Computed(List<Label> from) implements Origin {}

  /** The axes whose widths it changes with, unless it follows them on purpose. */
  List<Label> sources() {
    return switch (origin) {
      case Literal literal -> List.of();
      case Dimension(Label label) -> label.exists() ? List.of(label) : List.of();
      case Computed(List<Label> from) -> from;
    };
  }

  /** A size of an axis. */
  static ShapeElement dimension(long dim, Label label) {
    return new ShapeElement(dim >= 0, dim, new Dimension(label));
  }
}
