package dev.pleat.onnx.trace;

/**
 * One use of a value.
 *
 * @param node index of the reading node in topological order
 * @param input index of the input
 */
public record Edge(int node, int input) {}
