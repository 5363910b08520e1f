/**
 * Gradients of a model with respect to one input: the backward pass as ONNX nodes of its own graph,
 * one rule for each operator. Knows nothing of channels, folding or losses.
 */
@NullMarked
package dev.pleat.onnx.gradient;

import org.jspecify.annotations.NullMarked;
