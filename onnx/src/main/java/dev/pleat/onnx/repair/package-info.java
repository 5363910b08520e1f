/**
 * Repairs that run the network: statistics measured again and consumers fitted, layer by layer, the
 * original and the folded network side by side on the same inputs.
 */
@NullMarked
package dev.pleat.onnx.repair;

import org.jspecify.annotations.NullMarked;
