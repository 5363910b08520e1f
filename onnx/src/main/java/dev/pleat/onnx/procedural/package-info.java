/**
 * Makes pictures and signals out of nothing but random numbers, with statistics like those of
 * natural ones. Knows arrays and seeds; neither models nor how inputs are scaled.
 */
@NullMarked
package dev.pleat.onnx.procedural;

import org.jspecify.annotations.NullMarked;
