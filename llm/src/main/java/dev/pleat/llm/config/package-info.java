/** The {@code config.json} of a model directory: typed access and exact edits. */
@NullMarked
package dev.pleat.llm.config;

import org.jspecify.annotations.NullMarked;
