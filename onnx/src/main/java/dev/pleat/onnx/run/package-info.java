/** Runs models in ONNX Runtime. Knows nothing of channels or folding. */
@NullMarked
package dev.pleat.onnx.run;

import org.jspecify.annotations.NullMarked;
