/** Tests of inversion, on random networks that hold the statistics of data that are known. */
@NullMarked
package dev.pleat.onnx.invert;

import org.jspecify.annotations.NullMarked;
