/**
 * Inputs for networks whose data nobody has and that hold no statistics of it: pictures and signals
 * out of random numbers, in the range that the network answers to, and of many the ones that it has
 * most to say about.
 */
@NullMarked
package dev.pleat.onnx.choose;

import org.jspecify.annotations.NullMarked;
