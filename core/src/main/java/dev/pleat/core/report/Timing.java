package dev.pleat.core.report;

/**
 * Two models timed in turns in one process.
 *
 * @param threads that one run may use
 * @param before the original
 * @param after the folded model, on the same inputs
 */
public record Timing(int threads, Latency before, Latency after) {}
