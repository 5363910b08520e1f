/** Tests of the parts of a repair, against ONNX Runtime where it computes the same. */
@NullMarked
package dev.pleat.onnx.repair;

import org.jspecify.annotations.NullMarked;
