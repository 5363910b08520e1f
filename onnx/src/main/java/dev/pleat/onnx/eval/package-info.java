/** Measures a model: accuracy, agreement with the original, latency and size. Changes nothing. */
@NullMarked
package dev.pleat.onnx.eval;

import org.jspecify.annotations.NullMarked;
