/**
 * Dense single-precision kernels behind one interface, and the streamed feature matrix they read.
 * Three backends compute the same sums: OpenBLAS, the Vector API, plain Java. Nothing here knows
 * about channels, clusters or files of models.
 */
@NullMarked
package dev.pleat.core.linalg;

import org.jspecify.annotations.NullMarked;
