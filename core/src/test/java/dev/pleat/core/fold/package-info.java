/** Tests of folding on made-up tensors. */
@NullMarked
package dev.pleat.core.fold;

import org.jspecify.annotations.NullMarked;
