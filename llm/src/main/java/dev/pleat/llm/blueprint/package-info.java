/**
 * What a language model computes, said completely: which tensors, in which order, with which
 * numbers. Knows no files and no runtime.
 */
@NullMarked
package dev.pleat.llm.blueprint;

import org.jspecify.annotations.NullMarked;
