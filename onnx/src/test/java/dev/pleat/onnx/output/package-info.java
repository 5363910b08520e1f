/** Tests of outputs in folders that others write to as well. */
@NullMarked
package dev.pleat.onnx.output;

import org.jspecify.annotations.NullMarked;
