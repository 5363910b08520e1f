/** Folding a set of channel groups: features, merging, repair, widths. No I/O, no formats. */
@NullMarked
package dev.pleat.core.fold;

import org.jspecify.annotations.NullMarked;
