/** Writing HTML and SVG so that nothing in it can be anything but what was meant. */
@NullMarked
package dev.pleat.report.markup;

import org.jspecify.annotations.NullMarked;
