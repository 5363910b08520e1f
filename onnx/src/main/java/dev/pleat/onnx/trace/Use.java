package dev.pleat.onnx.trace;

import dev.pleat.onnx.model.Constant;

/**
 * A floating-point constant as nodes read it. A vector that several nodes read has one use for
 * each; any other constant has one use for all.
 *
 * @param constant the constant
 * @param edge where it is read first
 */
public record Use(Constant constant, Edge edge) {}
