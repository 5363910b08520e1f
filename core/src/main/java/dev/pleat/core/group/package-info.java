/** Channel groups: which tensor axes must shrink together, and how each axis indexes channels. */
@NullMarked
package dev.pleat.core.group;

import org.jspecify.annotations.NullMarked;
