package dev.pleat.onnx.trace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The numbers of a graph that follow widths. */
final class WidthEdits {
  private final Tracer tracer;
  private final List<Edit> all = new ArrayList<>();
  private final Map<ShapeElement.Literal, Label> sizes = new LinkedHashMap<>();

  WidthEdits(Tracer tracer) {
    this.tracer = tracer;
  }

  void add(Edit edit) {
    all.add(edit);
  }

  /** All of them. */
  List<Edit> all() {
    List<Edit> edits = new ArrayList<>(all);
    sizes.forEach((literal, label) ->
        edits.add(new Edit.Literal(literal.edge(), literal.element(), new Edit.Axis(label.ids()))));
    return edits;
  }

  /**
   * Makes the sizes in an input follow the widths of labels: where constants lie that it is
   * computed from, or as a constant of its own.
   *
   * @param followed the label of each element, without channels where it need not follow
   * @param numbers what the input could be instead of what it is, empty where that is not known
   */
  void follow(
      Edge edge,
      List<ShapeElement> elements,
      Label[] followed,
      Optional<long[]> numbers,
      String what) {
    boolean direct = true;
    for (int e = 0; e < followed.length; e++) {
      direct &= isDirect(elements.get(e), followed[e]);
    }
    if (direct || numbers.isEmpty()) {
      for (int e = 0; e < followed.length; e++) {
        size(elements.get(e), followed[e], what);
      }
      return;
    }
    List<Edit.Axis> widths = new ArrayList<>();
    List<List<Edit.Axis>> from = new ArrayList<>();
    boolean[] given = new boolean[followed.length];
    for (int e = 0; e < followed.length; e++) {
      ShapeElement element = elements.get(e);
      widths.add(new Edit.Axis(followed[e].ids()));
      from.add(element.sources().stream().map(label -> new Edit.Axis(label.ids())).toList());
      given[e] =
          !tracer.isSizedByData()
              || element.origin() instanceof ShapeElement.Literal
              || !element.known()
              || element.value() != numbers.get()[e];
    }
    all.add(new Edit.Numbers(edge, numbers.get(), widths, from, given));
  }

  /** Whether an element can follow a label, or stay as it is, where it comes from. */
  private boolean isDirect(ShapeElement element, Label followed) {
    return switch (element.origin()) {
      case ShapeElement.Literal literal -> true;
      case ShapeElement.Dimension(Label other) ->
          followed.exists() ? tracer.same(other, followed) : !other.exists();
      case ShapeElement.Computed(List<Label> from) -> !followed.exists() && from.isEmpty();
    };
  }

  private void size(ShapeElement element, Label label, String what) {
    switch (element.origin()) {
      case ShapeElement.Literal literal -> {
        Label before = label.exists() ? sizes.putIfAbsent(literal, label) : null;
        if (before != null) {
          tracer.unify(before, label, what);
        }
      }
      case ShapeElement.Dimension(Label other) -> {
        if (!tracer.same(other, label)) {
          tracer.freeze(label, what + " takes its size from another axis");
          tracer.freeze(other, what + " sizes another axis by it");
        }
      }
      case ShapeElement.Computed(List<Label> from) -> {
        tracer.freeze(label, what + " has a computed size");
        from.forEach(source -> tracer.freeze(source, what + " computes with its width"));
      }
    }
  }
}
