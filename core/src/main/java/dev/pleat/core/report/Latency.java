package dev.pleat.core.report;

/**
 * Wall-clock time of one run of a model, copies in and out included.
 *
 * @param median median of the runs, in milliseconds
 * @param p90 nine runs of ten took at most this, in milliseconds
 * @param batch samples in one run
 */
public record Latency(double median, double p90, int batch) {}
