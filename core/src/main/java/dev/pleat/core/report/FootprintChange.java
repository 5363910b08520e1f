package dev.pleat.core.report;

/**
 * What a network needs of a microcontroller, before and after folding.
 *
 * @param before of the original
 * @param after of the folded model
 */
public record FootprintChange(Footprint before, Footprint after) {}
