/** Tests of inputs that a network chooses. */
@NullMarked
package dev.pleat.onnx.choose;

import org.jspecify.annotations.NullMarked;
