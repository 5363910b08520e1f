/** Tests of drawn pictures and signals. */
@NullMarked
package dev.pleat.onnx.procedural;

import org.jspecify.annotations.NullMarked;
