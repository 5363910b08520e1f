/** Spending a budget of parameters, bytes or operations on the widths of a model's groups. */
@NullMarked
package dev.pleat.core.budget;

import org.jspecify.annotations.NullMarked;
