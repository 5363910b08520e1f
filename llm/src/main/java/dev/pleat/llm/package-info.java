/** Folding and running language models in Hugging Face directories. */
@NullMarked
package dev.pleat.llm;

import org.jspecify.annotations.NullMarked;
