package dev.pleat.onnx.text;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.OnnxModel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The inputs of a network that are numbers of tokens, of whatever type: those that it looks up in a
 * table, after no more than exporters do to such numbers.
 *
 * @param rows of the smallest table that each is looked up in, by input
 */
public record TokenInputs(Map<String, Integer> rows) {
  /** What leaves numbers of tokens what they are, or takes some of them. */
  private static final Set<String> SAME =
      Set.of(
          "Cast",
          "Flatten",
          "Gather",
          "Identity",
          "Reshape",
          "Slice",
          "Split",
          "Squeeze",
          "Transpose",
          "Unsqueeze");

  /** What wraps and limits them. */
  private static final Set<String> ARITHMETIC =
      Set.of("Add", "Clip", "Max", "Min", "Mod", "Mul", "Sub", "Where");

  /** What only asks something of them. */
  private static final Set<String> QUESTIONS =
      Set.of("And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "Or");

  /** Copies the map. */
  public TokenInputs {
    rows = Map.copyOf(rows);
  }

  /** Those of a network. */
  public static TokenInputs of(OnnxModel model) {
    Set<String> inputs = inputs(model);
    Map<String, String> tokens = new HashMap<>();
    inputs.forEach(input -> tokens.put(input, input));
    Map<String, String> answers = new HashMap<>();
    Map<String, Integer> rows = new HashMap<>();
    for (NodeProto node : model.nodes()) {
      boolean looksUp = node.getOpType().equals("Gather") && node.getInputCount() == 2;
      Constant table = looksUp ? model.constants().get(node.getInput(0)) : null;
      if (table != null) {
        String input = tokens.get(node.getInput(1));
        if (input != null && table.isFloat() && table.shape().length == 2) {
          rows.merge(input, table.shape()[0], Math::min);
        }
      } else if (SAME.contains(node.getOpType()) && node.getInputCount() > 0) {
        pass(node, node.getInput(0), tokens);
        pass(node, node.getInput(0), answers);
      } else if (ARITHMETIC.contains(node.getOpType()) || QUESTIONS.contains(node.getOpType())) {
        Set<String> of = new HashSet<>();
        boolean any = false;
        for (String read : node.getInputList()) {
          if (!read.isEmpty() && !model.constants().containsKey(read)) {
            any |= tokens.containsKey(read);
            of.add(tokens.getOrDefault(read, answers.getOrDefault(read, "")));
          }
        }
        if (of.size() == 1 && !of.contains("")) {
          boolean still = any && ARITHMETIC.contains(node.getOpType());
          (still ? tokens : answers).put(node.getOutput(0), of.iterator().next());
        }
      }
    }
    return new TokenInputs(rows);
  }

  private static void pass(NodeProto node, String read, Map<String, String> from) {
    String input = from.get(read);
    if (input != null) {
      node.getOutputList().forEach(output -> from.put(output, input));
    }
  }

  private static Set<String> inputs(OnnxModel model) {
    return model.graph().getInputList().stream()
        .map(input -> input.getName())
        .filter(name -> !model.constants().containsKey(name))
        .collect(Collectors.toSet());
  }

  /** Whether an input is one of them. */
  public boolean contains(String input) {
    return rows.containsKey(input);
  }

  /** Whether a network reads nothing but tokens and, as integers, what is said of them. */
  public static boolean areAllOf(OnnxModel model) {
    return model.readsTokensAlone() || of(model).rows.keySet().containsAll(inputs(model));
  }
}
