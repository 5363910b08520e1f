/** Tests of what a fold shares with others. */
@NullMarked
package dev.pleat.onnx.fold;

import org.jspecify.annotations.NullMarked;
