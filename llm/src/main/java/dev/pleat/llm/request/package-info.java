/** What folds and evaluations of language models can be asked. Nothing is done here. */
@NullMarked
package dev.pleat.llm.request;

import org.jspecify.annotations.NullMarked;
