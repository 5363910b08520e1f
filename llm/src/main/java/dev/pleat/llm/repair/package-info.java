/**
 * Repairs folded feed-forward blocks of a language model on text: neurons that do the same on it
 * are merged, and the down projections are fitted to what the original's gave.
 */
@NullMarked
package dev.pleat.llm.repair;

import org.jspecify.annotations.NullMarked;
