package dev.pleat.cli;

/**
 * Median times of one run of two models, measured in turns.
 *
 * @param beforeMs milliseconds of the original
 * @param afterMs milliseconds of the folded model
 */
record LatencyComparison(double beforeMs, double afterMs) {}
