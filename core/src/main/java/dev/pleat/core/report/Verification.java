package dev.pleat.core.report;

/**
 * How the written model was checked.
 *
 * @param ran whether it was checked at all
 * @param maxAbsDifferenceAtRatioZero largest absolute difference between the outputs of the
 *     original and of the same model passed through folding at ratio 0; must be 0
 * @param maxRelativeDifferenceOfDuplicates largest difference, relative to the largest output, that
 *     folding exact duplicates planted in every group makes; 0 up to rounding when every channel
 *     was traced rightly
 */
public record Verification(
    boolean ran, double maxAbsDifferenceAtRatioZero, double maxRelativeDifferenceOfDuplicates) {}
