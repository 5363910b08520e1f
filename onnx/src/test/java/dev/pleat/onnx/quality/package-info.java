/** Tests of walking a network in parts. */
@NullMarked
package dev.pleat.onnx.quality;

import org.jspecify.annotations.NullMarked;
