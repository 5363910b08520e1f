/** The pleat command: one class a command. */
@NullMarked
package dev.pleat.cli;

import org.jspecify.annotations.NullMarked;
