package dev.pleat.core.report;

import java.util.Optional;

/**
 * What a network needs of a microcontroller, for one sample.
 *
 * @param flashFp32 bytes of all weights at 4 bytes each
 * @param flashInt8 bytes with the tensors of two axes or more at 1 byte, all others at 4
 * @param ramFp32 the most bytes of activations that are alive at once, at 4 bytes each; empty where
 *     a shape is not known
 * @param ramInt8 the same at 1 byte each
 * @param multiplyAccumulates of one run, empty where a shape is not known
 */
public record Footprint(
    long flashFp32,
    long flashInt8,
    Optional<Long> ramFp32,
    Optional<Long> ramInt8,
    Optional<Long> multiplyAccumulates) {}
