package dev.pleat.onnx.data;

import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Inputs in two parts: those that a repair is fitted to, and a fifth that judges the result. The
 * fifth is spread over the whole set in short runs: neighbours, such as cuts of one photograph,
 * tell of each other, and must not stand on both sides.
 *
 * @param fitted four fifths, in their order
 * @param heldOut the other fifth, in its order
 */
public record HeldOutSplit(CalibrationInputs fitted, CalibrationInputs heldOut) {
  private static final int SHARE = 5;

  /** With fewer, either part would be too small to say anything. */
  public static final int FEWEST = 10;

  /** Runs that the fifth falls into, as far as there are inputs. */
  private static final int RUNS = 10;

  /**
   * The two parts.
   *
   * @param batch inputs that the network takes at once where it is fixed to that, else 1
   * @return empty where there are too few for two parts, or for a batch of those that are left
   */
  public static Optional<HeldOutSplit> of(CalibrationInputs all, int batch) {
    int run = Math.max(1, all.count() / (SHARE * RUNS));
    int[] held = IntStream.range(0, all.count()).filter(i -> isHeld(i, run)).toArray();
    int[] fitted = IntStream.range(0, all.count()).filter(i -> !isHeld(i, run)).toArray();
    if (all.count() < FEWEST || fitted.length < batch) {
      return Optional.empty();
    }
    return Optional.of(
        new HeldOutSplit(
            new ChosenInputs("%d of %s".formatted(fitted.length, all.description()), all, fitted),
            new ChosenInputs(
                "%d of %s, held out".formatted(held.length, all.description()), all, held)));
  }

  /** Runs lie in the middle of what they stand for. */
  private static boolean isHeld(int index, int run) {
    return index / run % SHARE == SHARE / 2;
  }
}
