/** Tests of walking a network in parts. */
@NullMarked
package dev.pleat.onnx.walk;

import org.jspecify.annotations.NullMarked;
