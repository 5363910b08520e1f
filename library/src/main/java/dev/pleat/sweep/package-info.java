/**
 * Sweeps: many folds of one model, each evaluated in the same way, kept as they come so that an
 * interrupted sweep goes on where it stopped.
 */
@NullMarked
package dev.pleat.sweep;

import org.jspecify.annotations.NullMarked;
