package dev.pleat.onnx.trace;

import dev.pleat.core.group.Role;
import dev.pleat.onnx.model.Nodes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Einsum: a letter in the result passes through, a letter that is summed over is read by a constant
 * operand, or freezes where all operands are activations.
 */
final class EinsumRule {
  private final NodeContext node;
  private final List<Value> operands;
  private final List<String> terms;
  private final String result;

  private EinsumRule(NodeContext node, List<String> terms, String result) {
    this.node = node;
    this.operands = node.inputs();
    this.terms = terms;
    this.result = result;
  }

  static Map<String, OpRule> rules() {
    return Map.of("Einsum", EinsumRule::apply);
  }

  private static void apply(NodeContext node) {
    String equation = Nodes.text(node.node(), "equation", "").replace(" ", "");
    Optional<EinsumRule> rule = parsed(node, equation);
    if (rule.isPresent()) {
      rule.get().trace();
    } else {
      node.freezeInputs(
          "has the equation '%s', which channels are not traced through".formatted(equation));
    }
  }

  private static Optional<EinsumRule> parsed(NodeContext node, String equation) {
    int arrow = equation.indexOf("->");
    if (arrow < 0 || equation.contains(".")) {
      return Optional.empty();
    }
    List<String> terms = List.of(equation.substring(0, arrow).split(",", -1));
    String result = equation.substring(arrow + 2);
    boolean fits = terms.size() == node.inputs().size();
    for (int i = 0; fits && i < terms.size(); i++) {
      Value operand = node.inputs().get(i);
      fits =
          operand.ranked() && operand.rank() == terms.get(i).length() && isDistinct(terms.get(i));
    }
    return fits && isDistinct(result)
        ? Optional.of(new EinsumRule(node, terms, result))
        : Optional.empty();
  }

  /** A letter twice in one term is a diagonal. */
  private static boolean isDistinct(String term) {
    return term.chars().distinct().count() == term.length();
  }

  /** An operand that has a letter. */
  private record Place(Value operand, Label label, long dim) {}

  private void trace() {
    Map<Character, Label> labels = new LinkedHashMap<>();
    Map<Character, Long> sizes = new LinkedHashMap<>();
    Set<Character> letters = new TreeSet<>();
    terms.forEach(term -> term.chars().forEach(letter -> letters.add((char) letter)));
    for (char letter : letters) {
      List<Place> places = places(letter);
      sizes.put(
          letter, places.stream().mapToLong(Place::dim).filter(d -> d != 1).findFirst().orElse(1));
      if (result.indexOf(letter) < 0) {
        contract(places);
      } else {
        labels.put(letter, pass(places));
      }
    }
    long[] dims = new long[result.length()];
    Label[] axes = Value.none(dims.length);
    for (int i = 0; i < dims.length; i++) {
      dims[i] = sizes.getOrDefault(result.charAt(i), node.symbol());
      axes[i] = labels.getOrDefault(result.charAt(i), Label.NONE);
    }
    node.out(0, dims, axes);
    boolean activations = operands.stream().filter(o -> !o.isConstant()).count() > 1;
    for (int i = 0; i < operands.size(); i++) {
      if (operands.get(i).isConstant()) {
        node.work(operands.get(i), positions(sizes, terms.get(i)));
      }
    }
    if (activations) {
      for (Label label : axes) {
        node.heads(label);
      }
    }
  }

  private List<Place> places(char letter) {
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < terms.size(); i++) {
      int axis = terms.get(i).indexOf(letter);
      if (axis >= 0) {
        Value operand = operands.get(i);
        places.add(new Place(operand, operand.label(axis), operand.dim(axis)));
      }
    }
    return places;
  }

  /** At how many positions an element of a constant operand is used. */
  private long positions(Map<Character, Long> sizes, String term) {
    long positions = 1;
    for (Map.Entry<Character, Long> size : sizes.entrySet()) {
      if (term.indexOf(size.getKey()) < 0) {
        long known = node.first(size.getValue());
        positions = known < 0 || positions < 0 ? -1 : positions * known;
      }
    }
    return positions;
  }

  private void contract(List<Place> places) {
    List<Place> activations = places.stream().filter(p -> !p.operand.isConstant()).toList();
    boolean layer = activations.size() == 1 && places.size() == 2;
    for (Place place : activations) {
      if (!layer) {
        node.freeze(place.label, "multiplies it with another activation");
      }
    }
    if (layer && activations.getFirst().label.exists()) {
      Label weight =
          places.stream().filter(p -> p.operand.isConstant()).findFirst().orElseThrow().label;
      node.unify(activations.getFirst().label, weight);
      node.role(weight, Role.CONSUMER);
    }
  }

  private Label pass(List<Place> places) {
    List<Value> own =
        places.stream()
            .map(p -> Value.of(new long[] {p.dim}, new Label[] {p.label}).from(p.operand.source()))
            .toList();
    return Broadcast.of(node, own, "multiplies").labels()[0];
  }
}
