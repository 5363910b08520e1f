package dev.pleat.core.report;

/**
 * How many clusters of one size there are.
 *
 * @param members channels of each of these clusters, at least 1
 * @param clusters how many clusters have as many
 */
public record ClusterCount(int members, int clusters) {}
