/** Numbers as people read them, on terminals and on pages. */
@NullMarked
package dev.pleat.report.figures;

import org.jspecify.annotations.NullMarked;
