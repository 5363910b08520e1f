/**
 * Rewrites a model, before channels are traced, into an equal one that says more plainly what its
 * exporter meant: weights that are computed from constants, and shuffles that are permutations.
 */
@NullMarked
package dev.pleat.onnx.prepare;

import org.jspecify.annotations.NullMarked;
