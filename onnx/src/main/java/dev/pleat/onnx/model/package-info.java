/**
 * ONNX files as data: reading with every check, constants, topological order, writing. Knows
 * nothing of channels or folding.
 */
@NullMarked
package dev.pleat.onnx.model;

import org.jspecify.annotations.NullMarked;
