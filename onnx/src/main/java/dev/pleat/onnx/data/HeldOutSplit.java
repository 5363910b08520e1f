package dev.pleat.onnx.data;

import java.util.BitSet;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Inputs in two parts: those that a repair is fitted to, and a fifth that judges the result. The
 * fifth is spread over the whole set in short runs: neighbours, such as cuts of one photograph,
 * tell of each other, and must not stand on both sides. Where a run lies in its tenth of the set is
 * drawn by a fixed seed: at equal distances, a set in which kinds or classes take turns would have
 * some of them never held out.
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

  private static final long SEED = 5;

  /**
   * The two parts.
   *
   * @param batch inputs that the network takes at once where it is fixed to that, else 1
   * @return empty where there are too few for two parts, or for a batch of those that are left
   */
  public static Optional<HeldOutSplit> of(CalibrationInputs all, int batch) {
    BitSet held = heldOut(all.count());
    int[] fitted = IntStream.range(0, all.count()).filter(i -> !held.get(i)).toArray();
    if (all.count() < FEWEST || fitted.length < batch) {
      return Optional.empty();
    }
    return Optional.of(
        new HeldOutSplit(
            new ChosenInputs("%d of %s".formatted(fitted.length, all.description()), all, fitted),
            new ChosenInputs(
                "%d of %s, held out".formatted(held.cardinality(), all.description()),
                all,
                held.stream().toArray())));
  }

  /** One run in each part of five times its length. */
  private static BitSet heldOut(int count) {
    int part = SHARE * Math.max(1, count / (SHARE * RUNS));
    SplittableRandom random = new SplittableRandom(SEED);
    BitSet held = new BitSet(count);
    for (int start = 0; start < count; start += part) {
      int length = Math.min(part, count - start);
      int run = length / SHARE;
      int first = start + random.nextInt(length - run + 1);
      held.set(first, first + run);
    }
    return held;
  }
}
