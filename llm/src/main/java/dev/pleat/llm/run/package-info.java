/**
 * Runs checkpoints in ONNX Runtime: whole models with a cache of keys and values, or one layer
 * after the other; writes text with them, and exports their graphs.
 */
@NullMarked
package dev.pleat.llm.run;

import org.jspecify.annotations.NullMarked;
