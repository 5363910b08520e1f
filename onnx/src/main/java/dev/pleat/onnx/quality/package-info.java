/**
 * Judges folded models: how near their outputs are to the original's on inputs that nothing was
 * fitted to, and what that means for whoever wants to use them. Changes no model.
 */
@NullMarked
package dev.pleat.onnx.quality;

import org.jspecify.annotations.NullMarked;
