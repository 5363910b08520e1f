/** Files that commands make for themselves. */
@NullMarked
package dev.pleat.cli.files;

import org.jspecify.annotations.NullMarked;
