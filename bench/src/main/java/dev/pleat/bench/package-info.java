/** Benchmarks. */
@NullMarked
package dev.pleat.bench;

import org.jspecify.annotations.NullMarked;
