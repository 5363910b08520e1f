/**
 * The door of the library: {@link dev.pleat.Pleat} folds, inspects, evaluates and sweeps what
 * requests describe. A request has the options of one kind of model, and cannot be told others.
 */
@NullMarked
package dev.pleat;

import org.jspecify.annotations.NullMarked;
