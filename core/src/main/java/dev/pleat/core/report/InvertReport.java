package dev.pleat.core.report;

import java.util.List;
import java.util.Optional;

/**
 * What was made of a network's statistics. The component names are the fields of {@code invert
 * --json}.
 *
 * @param model the model
 * @param output the file of the images
 * @param sheet the contact sheet, empty where none was asked for
 * @param input the model's input that they fill
 * @param shape sizes of all images together, their number first
 * @param classes how many classes they were made for, 0 where the model is no classifier
 * @param recognised share of them that the model takes for their class, in [0, 1]; empty where it
 *     is no classifier
 * @param mismatch squared errors of means and variances in units of what the normalisations hold,
 *     averaged over channels, layers and batches; 0 is perfect
 * @param worstLayer the layer that is reproduced worst
 * @param worstMismatch its mismatch
 * @param lossBefore loss of the noise, mean over the batches
 * @param lossAfter least loss, mean over the batches
 * @param steps of the optimiser that were run in all
 * @param batches how many batches the images were made in
 * @param diverged whether a batch had to be stopped; its best images were kept
 * @param reason why so many images, steps and batches
 * @param seed of the noise
 * @param seconds it took
 */
public record InvertReport(
    String model,
    String output,
    Optional<String> sheet,
    String input,
    List<Long> shape,
    int classes,
    Optional<Double> recognised,
    double mismatch,
    String worstLayer,
    double worstMismatch,
    double lossBefore,
    double lossAfter,
    int steps,
    int batches,
    boolean diverged,
    String reason,
    long seed,
    double seconds) {}
