package dev.pleat.onnx.gradient;

/** How one operator hands the gradients of its outputs to its inputs. */
@FunctionalInterface
interface GradientRule {

  /**
   * Reads the gradients of the node's outputs and gives one to every input that wants it.
   *
   * @throws UnsupportedGradient when the node uses the operator in a way that has no rule
   */
  void apply(GradientNode node);
}
