/** What folds and evaluations of language models can be asked; nothing is done. */
@NullMarked
package dev.pleat.llm.request;

import org.jspecify.annotations.NullMarked;
