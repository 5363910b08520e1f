/**
 * Clustering of channels that sees nothing but a Gram matrix: Ward tree, Hartigan refinement, the
 * objective, and the baselines behind the same {@link dev.pleat.core.cluster.Clustering}. No
 * tensors, no models.
 */
@NullMarked
package dev.pleat.core.cluster;

import org.jspecify.annotations.NullMarked;
