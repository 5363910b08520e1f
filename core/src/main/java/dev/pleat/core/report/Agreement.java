package dev.pleat.core.report;

/**
 * How near a model's outputs are to those of the model it was folded from.
 *
 * @param top1 share of rows whose largest value is at the same place in both, in [0, 1]
 * @param klDivergence mean over the rows of KL(original ‖ folded) in nats, at least 0
 * @param maxAbsDifference largest absolute difference between two outputs
 */
public record Agreement(double top1, double klDivergence, double maxAbsDifference) {}
