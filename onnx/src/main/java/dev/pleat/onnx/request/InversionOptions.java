package dev.pleat.onnx.request;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.invert.StepCost;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How inputs are made.
 *
 * @param images how many; empty for 256, fewer where the network is so large that they would take
 *     too long, never below 32 by that
 * @param steps steps of the optimiser for each batch; empty for the usual ones
 * @param usualSteps steps where none are asked for, as long as the network is not so large that
 *     they would take too long
 * @param batch images that are optimised together; empty to choose by the network's size. More give
 *     better statistics.
 * @param seed of the noise that the images start from and of the order of the labels
 * @param threads threads to use, at least 1
 * @param mostWork what may be spent where images or steps are left open, as {@link StepCost#work()}
 *     has it
 * @param inputShapes shapes of graph inputs by name where the model leaves dimensions open; {@code
 *     *} is the only input. The batch in them is not used.
 * @param weights what the terms of the loss count
 */
public record InversionOptions(
    OptionalInt images,
    OptionalInt steps,
    int usualSteps,
    OptionalInt batch,
    long seed,
    int threads,
    double mostWork,
    Map<String, long[]> inputShapes,
    LossWeights weights) {

  /** Enough for statistics that a network can be repaired with alone. */
  public static final int USUAL_STEPS = 240;

  /** Enough for a fit by least squares, which gains nothing from more. */
  public static final int STEPS_TO_FIT = 160;

  /** What is spent unless asked for more: about a quarter of an hour on two usual cores. */
  public static final double USUAL_WORK = 2.5e14;

  /**
   * Checks the ranges.
   *
   * @throws PleatException when a number is below 1
   */
  public InversionOptions {
    inputShapes = Map.copyOf(inputShapes);
    atLeastOne("images", images.orElse(1));
    atLeastOne("steps", steps.orElse(usualSteps));
    atLeastOne("batch", batch.orElse(1));
    atLeastOne("threads", threads);
  }

  private static void atLeastOne(String option, int value) {
    if (value < 1) {
      throw new PleatException("--%s is %d; give at least 1".formatted(option, value));
    }
  }

  /** All defaults, with one thread per processor. */
  public static InversionOptions of(long seed) {
    return new InversionOptions(
        OptionalInt.empty(),
        OptionalInt.empty(),
        USUAL_STEPS,
        OptionalInt.empty(),
        seed,
        Runtime.getRuntime().availableProcessors(),
        USUAL_WORK,
        Map.of(),
        LossWeights.DEFAULT);
  }

  /** The same with shapes of open inputs. */
  public InversionOptions withInputShapes(Map<String, long[]> shapes) {
    return new InversionOptions(
        images, steps, usualSteps, batch, seed, threads, mostWork, shapes, weights);
  }

  /** The same with another number of images and steps. */
  public InversionOptions withSize(int imageCount, int stepCount) {
    return new InversionOptions(
        OptionalInt.of(imageCount),
        OptionalInt.of(stepCount),
        usualSteps,
        batch,
        seed,
        threads,
        mostWork,
        inputShapes,
        weights);
  }

  /** The same with another number of images, empty for the usual one. */
  public InversionOptions withImages(OptionalInt count) {
    return new InversionOptions(
        count, steps, usualSteps, batch, seed, threads, mostWork, inputShapes, weights);
  }

  /** The same with another number of usual steps. */
  public InversionOptions withUsualSteps(int count) {
    return new InversionOptions(
        images, steps, count, batch, seed, threads, mostWork, inputShapes, weights);
  }

  /** The same with another number of threads. */
  public InversionOptions withThreads(int count) {
    return new InversionOptions(
        images, steps, usualSteps, batch, seed, count, mostWork, inputShapes, weights);
  }

  /** The same with another limit of what may be spent. */
  public InversionOptions withMostWork(double most) {
    return new InversionOptions(
        images, steps, usualSteps, batch, seed, threads, most, inputShapes, weights);
  }
}
