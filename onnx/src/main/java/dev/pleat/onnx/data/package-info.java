/** Image files and how they become a model's input. Runs nothing. */
@NullMarked
package dev.pleat.onnx.data;

import org.jspecify.annotations.NullMarked;
