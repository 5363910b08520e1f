package dev.pleat.onnx.trace;

/** What one operator does with shapes and channels. */
@FunctionalInterface
interface OpRule {

  /**
   * Reads the node's inputs, ties or freezes their channels, and sets every output. An output that
   * is not set has unknown shape.
   */
  void apply(NodeContext node);
}
