/** The public doors of the ONNX module: fold a file, inspect a file. */
@NullMarked
package dev.pleat.onnx;

import org.jspecify.annotations.NullMarked;
