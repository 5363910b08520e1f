/** Folds ONNX files: from a traced model to a smaller file, verified. */
@NullMarked
package dev.pleat.onnx.fold;

import org.jspecify.annotations.NullMarked;
