/**
 * What the tensors of a model family are called and do. One JSON file describes a family; no code
 * names one.
 */
@NullMarked
package dev.pleat.llm.architecture;

import org.jspecify.annotations.NullMarked;
