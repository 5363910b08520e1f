package dev.pleat.onnx.invert;

/**
 * How well made inputs reproduce one batch normalisation's statistics.
 *
 * @param layer what messages call it
 * @param mismatch root mean square error of the channels' means in units of their deviations, plus
 *     that of the logarithms of their variances; mean over the batches
 */
public record LayerMatch(String layer, double mismatch) {}
