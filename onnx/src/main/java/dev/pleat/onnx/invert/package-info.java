/**
 * Inputs made without data: images that are optimised until a network's batch normalisations see
 * the statistics they were trained on (DeepInversion).
 */
@NullMarked
package dev.pleat.onnx.invert;

import org.jspecify.annotations.NullMarked;
