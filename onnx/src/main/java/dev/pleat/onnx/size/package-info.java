/**
 * What sizes the values of a model have: learnt by running it, so that shape computations of any
 * kind are plain numbers. Knows nothing of channels.
 */
@NullMarked
package dev.pleat.onnx.size;

import org.jspecify.annotations.NullMarked;
