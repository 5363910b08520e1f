@NullMarked
package dev.pleat.core.unite;

import org.jspecify.annotations.NullMarked;
