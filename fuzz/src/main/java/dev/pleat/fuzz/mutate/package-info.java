/** Damage to files that keeps enough of their structure to get past the first check. */
@NullMarked
package dev.pleat.fuzz.mutate;

import org.jspecify.annotations.NullMarked;
