/**
 * Running a network a few nodes at a time over many inputs, so that its weights may change on the
 * way. Knows nothing of channels.
 */
@NullMarked
package dev.pleat.onnx.walk;

import org.jspecify.annotations.NullMarked;
