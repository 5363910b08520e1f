/** Texts and tokens: a model's tokenizer, and files of documents. */
@NullMarked
package dev.pleat.llm.text;

import org.jspecify.annotations.NullMarked;
