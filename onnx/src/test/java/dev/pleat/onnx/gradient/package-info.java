/** Gradient rules against finite differences. */
@NullMarked
package dev.pleat.onnx.gradient;

import org.jspecify.annotations.NullMarked;
