package dev.pleat.core.report;

/** Wall-clock seconds of each stage of a fold. */
public record Seconds(
    double read,
    double trace,
    double gram,
    double cluster,
    double merge,
    double repair,
    double write,
    double verify,
    double plan) {}
