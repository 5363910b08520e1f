/**
 * What one model computes, said completely: which tensors, in which order, with which numbers. Made
 * of the description of its family, its configuration and its checkpoint; knows no runtime.
 */
@NullMarked
package dev.pleat.llm.blueprint;

import org.jspecify.annotations.NullMarked;
