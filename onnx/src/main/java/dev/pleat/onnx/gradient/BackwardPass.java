package dev.pleat.onnx.gradient;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reverse-mode differentiation of a model with respect to one of its inputs, as two graphs: the
 * model itself, which also gives the values that the other needs, and the backward pass.
 *
 * @param forward the model, cut to what is needed
 * @param backward the backward pass; its inputs are outputs of {@code forward} and whatever was
 *     added
 * @param origin the model file
 * @param input the input that is differentiated
 * @param gradient the value of {@code backward} that is its gradient
 * @param outputs further values to give back, of either graph
 */
public record BackwardPass(
    ModelProto forward,
    ModelProto backward,
    Path origin,
    String input,
    String gradient,
    List<String> outputs) {

  /**
   * Starts a backward pass.
   *
   * @param input name of a FLOAT input of the model
   * @param shape the input's sizes, −1 for an open one; none to keep what the model declares.
   *     Convolutions and pooling need known spatial sizes; the batch may stay open.
   * @throws PleatException when the model has no such input, or ONNX Runtime does not load it with
   *     these sizes
   */
  public static Builder of(OnnxModel model, String input, long... shape) {
    return new Builder(new ForwardPass(model, input, shape));
  }

  /** Takes the loss: values of the forward pass, and the loss's gradients with respect to them. */
  public static final class Builder {
    private final ForwardPass forward;
    private final GraphWriter graph;
    private final Map<String, String> given = new HashMap<>();
    private final Map<String, String> shapes = new HashMap<>();
    private final Map<String, List<String>> gradients = new HashMap<>();

    private Builder(ForwardPass forward) {
      this.forward = forward;
      this.graph = new GraphWriter(forward.prefix());
    }

    /** The backward graph, to add the loss to. */
    public GraphWriter graph() {
      return graph;
    }

    /**
     * A value of the forward pass as a value of the backward graph.
     *
     * @throws PleatException when the model has no such value
     */
    public String saved(String forwardValue) {
      return given.computeIfAbsent(forwardValue, this::give);
    }

    private String give(String value) {
      Optional<Constant> constant = forward.constant(value);
      if (constant.isPresent()) {
        return graph.constant(forward.inline(constant.get()));
      }
      graph.input(type(value));
      if (!forward.isInput(value)) {
        forward.give(value);
      }
      return value;
    }

    /**
     * The shape of a value of the forward pass as an INT64 vector of the backward graph; cheaper
     * than saving the value.
     *
     * @throws PleatException when the model has no such value
     */
    public String shape(String forwardValue) {
      return shapes.computeIfAbsent(
          forwardValue,
          value -> {
            int rank = type(value).shape().length;
            return graph.input(
                forward.giveShape(value), TensorProto.DataType.INT64, rank == 0 ? -1 : rank);
          });
    }

    /**
     * What is known of a value of the forward pass before it runs.
     *
     * @throws PleatException when the model has no such value
     */
    public TensorType type(String forwardValue) {
      return forward
          .type(forwardValue)
          .orElseThrow(() ->
              new PleatException(
                  "%s: the model has no value '%s'"
                      .formatted(forward.model().file(), forwardValue)));
    }

    /**
     * Adds to dLoss/dValue.
     *
     * @param gradient a value of the backward graph of the same shape
     * @throws PleatException when the model has no such value
     */
    public void seed(String forwardValue, String gradient) {
      type(forwardValue);
      gradients.computeIfAbsent(forwardValue, v -> new ArrayList<>()).add(gradient);
    }

    /**
     * Differentiates every node between the input and the seeded values.
     *
     * @param outputs further values of the backward graph, or of the forward pass, to give back
     * @throws UnsupportedGradient when one of these nodes has no rule
     * @throws PleatException when no seeded value depends on the input
     */
    public BackwardPass build(List<String> outputs) {
      Set<String> active = active();
      for (NodeProto node : forward.model().nodes().reversed()) {
        boolean seeded = node.getOutputList().stream().anyMatch(gradients::containsKey);
        if (seeded && Nodes.reads(node).stream().anyMatch(active::contains)) {
          GradientRule rule = GradientRules.of(node);
          GradientNode context = new GradientNode(this, node, active);
          rule.apply(context);
          context.checkComplete();
        }
      }
      String sum =
          gradient(forward.input())
              .orElseThrow(() ->
                  new PleatException(
                      "%s: nothing that has a loss depends on the input '%s'; name another"
                          .formatted(forward.model().file(), forward.input())));
      // What is given back must be made by a node, which a gradient handed in by name is not.
      String gradient = graph.node("Identity", List.of(sum));
      List<String> made = new ArrayList<>(List.of(gradient));
      outputs.stream().filter(output -> forward.type(output).isEmpty()).forEach(made::add);
      outputs.stream()
          .filter(output -> forward.type(output).isPresent() && !forward.isInput(output))
          .forEach(forward::give);
      return new BackwardPass(
          forward.proto(),
          graph.model(made),
          forward.model().file(),
          forward.input(),
          gradient,
          List.copyOf(outputs));
    }

    /** Values that depend on the input and that a gradient can pass. */
    private Set<String> active() {
      Set<String> active = new HashSet<>(Set.of(forward.input()));
      for (NodeProto node : forward.model().nodes()) {
        if (Nodes.reads(node).stream().anyMatch(active::contains)) {
          node.getOutputList().stream()
              .filter(value -> forward.type(value).map(TensorType::isFloat).orElse(false))
              .forEach(active::add);
        }
      }
      return active;
    }

    /** The sum of what has been given to a value so far. */
    Optional<String> gradient(String value) {
      List<String> terms = gradients.getOrDefault(value, List.of());
      Optional<String> sum = terms.stream().reduce(graph::add);
      sum.ifPresent(term -> gradients.put(value, new ArrayList<>(List.of(term))));
      return sum;
    }

    /** The constant that a value of the forward pass is. */
    Optional<Constant> constant(String value) {
      return forward.constant(value);
    }

    OnnxModel model() {
      return forward.model();
    }
  }
}
