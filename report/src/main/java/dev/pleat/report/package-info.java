/** Reports as pages: one file that opens offline, complete without scripts. */
@NullMarked
package dev.pleat.report;

import org.jspecify.annotations.NullMarked;
