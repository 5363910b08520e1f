package dev.pleat.onnx.trace;

/**
 * A batch normalisation node.
 *
 * @param node its index in topological order
 * @param input the value it normalises
 * @param scale label of γ
 * @param bias label of β
 * @param mean label of the running mean
 * @param variance label of the running variance
 * @param epsilon added to the variance
 */
record BatchNorm(
    int node, String input, Label scale, Label bias, Label mean, Label variance, double epsilon) {}
