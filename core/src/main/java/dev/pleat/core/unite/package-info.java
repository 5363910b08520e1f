/**
 * Tensors of several networks of one architecture put side by side into those of one network that
 * is as wide as all of them together.
 */
@NullMarked
package dev.pleat.core.unite;

import org.jspecify.annotations.NullMarked;
