/** Measures language models: perplexity of a text, and agreement with the original. */
@NullMarked
package dev.pleat.llm.eval;

import org.jspecify.annotations.NullMarked;
