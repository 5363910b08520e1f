/** A short seeded run, and what earlier runs found. */
@NullMarked
package dev.pleat.fuzz;

import org.jspecify.annotations.NullMarked;
