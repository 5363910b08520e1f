/**
 * Least squares between the channels of an original network and the merged channels of the folded
 * one, from second moments alone: no samples are kept, nothing is read or run.
 */
@NullMarked
package dev.pleat.core.reconstruct;

import org.jspecify.annotations.NullMarked;
