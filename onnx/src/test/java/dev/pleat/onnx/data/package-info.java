/** Tests of the readers, on small files written to temporary folders. */
@NullMarked
package dev.pleat.onnx.data;

import org.jspecify.annotations.NullMarked;
