/** Tests of the least squares against what is known of their solution. */
@NullMarked
package dev.pleat.core.reconstruct;

import org.jspecify.annotations.NullMarked;
