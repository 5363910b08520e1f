/** Tests through the public doors. */
@NullMarked
package dev.pleat.onnx;

import org.jspecify.annotations.NullMarked;
