/**
 * Finds channel groups in an ONNX graph: one walk in topological order labels every axis of every
 * value with the channels that its positions hold, and ties together what the operators tie
 * together. An operator is one {@link dev.pleat.onnx.trace.OpRule} in the table of {@link
 * dev.pleat.onnx.trace.OpRules}.
 */
@NullMarked
package dev.pleat.onnx.trace;

import org.jspecify.annotations.NullMarked;
