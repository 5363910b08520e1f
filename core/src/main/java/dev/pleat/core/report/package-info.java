/** What a command reports: plain records whose component names are the stable JSON field names. */
@NullMarked
package dev.pleat.core.report;

import org.jspecify.annotations.NullMarked;
