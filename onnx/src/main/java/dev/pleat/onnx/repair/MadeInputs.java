package dev.pleat.onnx.repair;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.choose.DrawnInputs;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.invert.Inversion;
import dev.pleat.onnx.invert.InversionOptions;
import dev.pleat.onnx.invert.Inverted;
import dev.pleat.onnx.invert.LayerMatch;
import dev.pleat.onnx.model.OnnxModel;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The inputs that one network makes of its own statistics or chooses of drawn ones, kept for
 * repairs that ask again.
 */
public final class MadeInputs {
  private record Wanted(OptionalInt images, int usualSteps, double mostWork, long seed) {}

  /** Of so many convolutions at least one must have a normalisation. */
  private static final int LEAST_NORMALISED = 3;

  /**
   * Inputs that miss the statistics by more, as {@link LayerMatch} has it, are none that the
   * network knows.
   */
  private static final double POOR_MATCH = 0.5;

  private record Drawn(OptionalInt count, long seed) {}

  private final Map<Wanted, CalibrationInputs> kept = new HashMap<>();
  private final Map<Drawn, DrawnInputs> drawn = new HashMap<>();

  /**
   * Makes inputs, or gives those that were made for the same numbers.
   *
   * @param mostWork what this may take, in operations; fewer steps and fewer inputs are made to
   *     keep within, and nothing where even the fewest are beyond
   * @throws dev.pleat.core.PleatException when the network has nothing to make them of
   */
  Optional<CalibrationInputs> of(
      OnnxModel model, InversionOptions options, double mostWork, Progress progress) {
    Wanted wanted = new Wanted(options.images(), options.usualSteps(), mostWork, options.seed());
    CalibrationInputs known = kept.get(wanted);
    if (known != null) {
      return Optional.of(known);
    }
    if (mostWork == 0) {
      return Optional.empty();
    }
    boolean limited = Double.isFinite(mostWork);
    Inversion inversion =
        Inversion.prepare(model, limited ? options.withMostWork(mostWork) : options);
    if (limited) {
      requireStatistics(model, inversion);
      requirePictures(model, inversion);
      if (inversion.work() > mostWork) {
        return Optional.empty();
      }
    }
    Inverted inverted =
        inversion.run(model, limited ? POOR_MATCH : Double.POSITIVE_INFINITY, progress);
    CalibrationInputs made =
        new HeldInputs(
            "%d inputs made by the network%s%s"
                .formatted(
                    inverted.images().shape()[0],
                    inversion.steps() < options.usualSteps()
                        ? " in %d of %d steps (--effort high takes them all)"
                            .formatted(inversion.steps(), options.usualSteps())
                        : "",
                    inverted.diverged() ? " (stopped early: the optimisation diverged)" : ""),
            inverted.input(),
            inverted.images());
    kept.put(wanted, made);
    return Optional.of(made);
  }

  /**
   * Where exporters fused most normalisations, the few that are left know little of the data; and
   * nothing is begun that nobody knows the end of.
   */
  private static void requireStatistics(OnnxModel model, Inversion inversion) {
    long convolutions =
        model.nodes().stream().filter(node -> node.getOpType().contains("Conv")).count();
    if ((long) inversion.layers() * LEAST_NORMALISED < convolutions) {
      throw new PleatException(
          "%s: only %d batch normalisations are left of %d convolutions, too few to make inputs from"
              .formatted(model.file(), inversion.layers(), convolutions));
    }
    if (inversion.work() == 0) {
      throw new PleatException(
          "%s: what it computes cannot be counted, so nobody knows how long optimising inputs would take"
              .formatted(model.file()));
    }
  }

  /** Statistics say little of signals, and voices are easily drawn: docs/repair.md. */
  private static void requirePictures(OnnxModel model, Inversion inversion) {
    if (DrawnInputs.isSignal(model, inversion.input(), inversion.pixels())) {
      throw new PleatException(
          "signals are drawn rather than optimised; --effort high optimises them");
    }
  }

  /**
   * Draws inputs, or gives those that were drawn for the same numbers.
   *
   * @throws dev.pleat.core.PleatException when the network takes none that can be drawn
   */
  DrawnInputs drawn(
      OnnxModel model,
      Map<String, long[]> inputShapes,
      OptionalInt count,
      long seed,
      int threads,
      Progress progress) {
    Drawn wanted = new Drawn(count, seed);
    DrawnInputs known = drawn.get(wanted);
    if (known == null) {
      known = DrawnInputs.of(model, inputShapes, count, seed, threads, progress);
      drawn.put(wanted, known);
    }
    return known;
  }
}
