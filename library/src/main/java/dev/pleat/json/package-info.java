/** Reports as JSON. */
@NullMarked
package dev.pleat.json;

import org.jspecify.annotations.NullMarked;
