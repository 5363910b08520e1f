/** How results reach people and programs: tables, sparklines, JSON, progress, logs. */
@NullMarked
package dev.pleat.cli.terminal;

import org.jspecify.annotations.NullMarked;
