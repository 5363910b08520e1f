/**
 * Safetensors files, of one shard or several: checked headers, mapped tensors, and a writer that
 * fills them piece by piece. Knows nothing of what the tensors mean.
 */
@NullMarked
package dev.pleat.llm.safetensors;

import org.jspecify.annotations.NullMarked;
