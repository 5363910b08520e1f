package dev.pleat.core.report;

/** Times of the original and of the folded model, measured in turns at the same batch size. */
public record LatencyChange(Latency before, Latency after) {}
