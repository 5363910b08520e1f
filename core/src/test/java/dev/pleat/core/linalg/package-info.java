/** Tests of the kernels against the plain Java reference. */
@NullMarked
package dev.pleat.core.linalg;

import org.jspecify.annotations.NullMarked;
