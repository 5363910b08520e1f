/** Tests of the evaluation, on models whose accuracy is known by construction. */
@NullMarked
package dev.pleat.onnx.eval;

import org.jspecify.annotations.NullMarked;
