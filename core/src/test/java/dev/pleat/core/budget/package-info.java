/** Tests of allocations against exhaustive search, and of costs against counting. */
@NullMarked
package dev.pleat.core.budget;

import org.jspecify.annotations.NullMarked;
