/**
 * The pleat command: one class a command, and the options that commands share. What a command shows
 * is laid out in {@link dev.pleat.cli.terminal}; folding and evaluation live in the other modules.
 */
@NullMarked
package dev.pleat.cli;

import org.jspecify.annotations.NullMarked;
