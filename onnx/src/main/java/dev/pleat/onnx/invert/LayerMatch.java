package dev.pleat.onnx.invert;

/**
 * How well made inputs reproduce one batch normalisation's statistics.
 *
 * @param layer what messages call it
 * @param mismatch squared errors of the means in units of the running deviation, plus those of the
 *     variances in units of the running variance, averaged over channels and batches
 */
public record LayerMatch(String layer, double mismatch) {}
