/**
 * Folds a checkpoint: finds the channel groups that a description tells of, folds them layer by
 * layer, and writes a directory that loads as the original did.
 */
@NullMarked
package dev.pleat.llm.fold;

import org.jspecify.annotations.NullMarked;
