/**
 * Model folding on tensors and channel groups. Nothing in this module reads or writes a file or
 * knows a model format.
 */
@NullMarked
package dev.pleat.core;

import org.jspecify.annotations.NullMarked;
