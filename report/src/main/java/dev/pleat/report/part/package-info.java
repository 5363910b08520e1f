/** The sections of a page: each draws one thing and puts the figures behind it in a table. */
@NullMarked
package dev.pleat.report.part;

import org.jspecify.annotations.NullMarked;
