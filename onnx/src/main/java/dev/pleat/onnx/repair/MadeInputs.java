package dev.pleat.onnx.repair;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.choose.DrawnInputs;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.invert.Inversion;
import dev.pleat.onnx.invert.Inverted;
import dev.pleat.onnx.invert.LayerMatch;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.request.Effort;
import dev.pleat.onnx.request.InversionOptions;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The inputs that a network makes of its own statistics or chooses of drawn ones, kept for repairs
 * that ask again. For the union of networks each makes its own: two that learnt different classes
 * hold different statistics, which no input has all of.
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

  private final List<OnnxModel> makers;
  private final Map<Wanted, List<Made>> pieces = new HashMap<>();
  private final Map<Wanted, CalibrationInputs> kept = new HashMap<>();
  private final Map<Drawn, DrawnInputs> drawn = new HashMap<>();

  private MadeInputs(List<OnnxModel> makers) {
    this.makers = makers;
  }

  /** Inputs that the network makes itself which they are for. */
  public MadeInputs() {
    this(List.of());
  }

  /** Inputs that these make, each an equal share, for the network that is their union. */
  public static MadeInputs by(List<OnnxModel> networks) {
    return new MadeInputs(List.copyOf(networks));
  }

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
    List<Made> pieces = pieces(model, options, mostWork, progress);
    if (pieces.isEmpty()) {
      return Optional.empty();
    }
    CalibrationInputs made = joined(pieces);
    kept.put(wanted, made);
    return Optional.of(made);
  }

  /**
   * What each network makes, as {@link #of} joins it; empty where that is beyond the work.
   *
   * @throws dev.pleat.core.PleatException when a network has nothing to make inputs of
   */
  public List<CalibrationInputs> each(InversionOptions options, Effort effort, Progress progress) {
    List<CalibrationInputs> each = new ArrayList<>();
    for (Made piece : pieces(makers.getFirst(), options, effort.mostWork(), progress)) {
      each.add(joined(List.of(piece)));
    }
    return each;
  }

  private List<Made> pieces(
      OnnxModel model, InversionOptions options, double mostWork, Progress progress) {
    Wanted wanted = new Wanted(options.images(), options.usualSteps(), mostWork, options.seed());
    List<Made> known = pieces.get(wanted);
    if (known != null) {
      return known;
    }
    List<OnnxModel> networks = makers.isEmpty() ? List.of(model) : makers;
    List<Made> made = new ArrayList<>();
    for (OnnxModel network : networks) {
      Optional<Made> piece =
          mostWork == 0
              ? Optional.empty()
              : make(
                  network,
                  options.withImages(share(options.images(), networks.size())),
                  mostWork / networks.size(),
                  progress);
      if (piece.isEmpty()) {
        return List.of();
      }
      made.add(piece.get());
    }
    pieces.put(wanted, made);
    return made;
  }

  private static OptionalInt share(OptionalInt images, int networks) {
    return images.isEmpty() ? images : OptionalInt.of((images.getAsInt() - 1) / networks + 1);
  }

  private static CalibrationInputs joined(List<Made> pieces) {
    TensorValue values =
        TensorValue.joined(pieces.stream().<TensorValue>map(piece -> piece.images).toList());
    if (!(values instanceof TensorValue.Floats images)) {
      throw new IllegalStateException("made inputs are floating-point values");
    }
    return new HeldInputs(
        "%d inputs made by the network%s%s"
            .formatted(images.shape()[0], pieces.size() > 1 ? "s" : "", pieces.getFirst().more),
        pieces.getFirst().input,
        images);
  }

  /** What one network made, and what is to be known of it. */
  private record Made(String input, TensorValue.Floats images, String more) {}

  private static Optional<Made> make(
      OnnxModel model, InversionOptions options, double mostWork, Progress progress) {
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
    return Optional.of(
        new Made(
            inverted.input(),
            inverted.images(),
            "%s%s"
                .formatted(
                    inversion.steps() < options.usualSteps()
                        ? " in %d of %d steps (--effort high takes them all)"
                            .formatted(inversion.steps(), options.usualSteps())
                        : "",
                    inverted.diverged() ? " (stopped early: the optimisation diverged)" : "")));
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
