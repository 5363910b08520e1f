package dev.pleat.onnx.choose;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.invert.Pixels;
import dev.pleat.onnx.invert.StepCost;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.procedural.ImageKind;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.GeneratedRun;
import dev.pleat.onnx.run.InputBatch;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.text.TokenInputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inputs made without data or statistics.
 *
 * @param inputs those to fit on, and to judge on by a part of them
 */
public record DrawnInputs(CalibrationInputs inputs) {
  private static final Logger LOG = LoggerFactory.getLogger(DrawnInputs.class);

  /** Candidates at most, and fewer for few parameters, which are soon told apart; */
  private static final int MOST_CANDIDATES = 16_384;

  /**
   * Operations of running the network on all candidates: about two minutes on two usual cores.
   * Counted, not timed, so that the inputs are the same on every machine.
   */
  private static final double MOST_FLOPS = 4e12;

  private static final int PARAMETERS_OF_CANDIDATE = 100;

  /** so many for each that is chosen, */
  private static final int CANDIDATES_OF_INPUT = 32;

  /** fewer too where they have many values, so that they take a minute or two. */
  private static final double MOST_VALUES = 3e8;

  /** fewer still where one takes a second to draw; */
  private static final double MOST_OF_LARGE = 6e7;

  private static final long LARGE = 1L << 20;

  /** Chosen inputs at most, */
  private static final int USUAL = 512;

  /** fewer for few parameters, which are soon fitted, */
  private static final int PARAMETERS_OF_INPUT = 1000;

  private static final int FEW = 64;

  /** and for inputs of many values, which hold as many samples as several of few. */
  private static final long USUAL_VALUES = 1L << 24;

  private static final int LEAST = 192;

  /** Values of all chosen inputs, where one of them is a minute of sound or a whole page. */
  private static final long LARGEST_VALUES = 1L << 26;

  private static final int FEWEST = 16;

  /**
   * What the network may take to run once on all chosen inputs, as {@link StepCost#forwardWork()}
   * has it: a quarter of a minute on two usual cores. A small network of plain convolutions at the
   * full size of a minute of sound would walk for minutes, and has samples enough in a few of them.
   */
  private static final double MOST_OF_A_WALK = 3e12;

  /** Inputs that each range is tried on. */
  private static final int TO_FIND_RANGE = 32;

  /** A range in which a network is as lively as this, compared to its liveliest, may be the one. */
  private static final double NEARLY = 0.9;

  /** And what its first layer gives may be that much less plausible, in nats a channel. */
  private static final double AS_PLAUSIBLE = 0.7;

  /**
   * Makes inputs. The same model, options and seed give the same inputs.
   *
   * @param count how many; empty for a usual number
   * @param seed of all that is drawn
   * @throws PleatException when the network takes neither pictures nor signals, does not run, gives
   *     nothing but values that are no numbers, or one input has too many values
   */
  public static DrawnInputs of(
      OnnxModel model,
      Map<String, long[]> inputShapes,
      OptionalInt count,
      long seed,
      int threads,
      Progress progress) {
    try (OnnxSession session = OnnxSession.open(model.file(), threads)) {
      Map<String, TensorValue> example = GeneratedInputs.firstThatRuns(session, inputShapes, seed);
      GeneratedInputs.requireUsual(model.file(), example);
      List<Drawing> drawings = drawings(model, session, example);
      if (drawings.isEmpty()) {
        throw new PleatException(
            "%s: none of its inputs is a picture or a signal (%s), so none can be drawn; use --data PATH"
                .formatted(model.file(), session.inputs().stream().map(TensorType::name).toList()));
      }
      int step = step(session, drawings);
      Candidates row = row(session, example, drawings, seed);
      StepCost cost = cost(model, example, threads);
      Candidates ranged = row.in(ranges(model, row, cost, step, threads));
      long parameters = parameters(model);
      int wanted = count.orElseGet(() -> wanted(drawings, parameters, cost));
      wanted = Math.ceilDiv(wanted, step) * step;
      long useful =
          Math.min(parameters / PARAMETERS_OF_CANDIDATE, (long) CANDIDATES_OF_INPUT * wanted);
      useful = Math.min(useful, affordable(parameters, cost));
      int[] chosen = chosen(session, ranged, wanted, useful, step, progress);
      if (chosen.length < Math.min(wanted, FEW)) {
        throw new PleatException(
            "%s gives values that are no numbers for drawn inputs; use --data PATH"
                .formatted(model.file()));
      }
      String what = drawings.getFirst().form() == Drawing.Form.PICTURE ? "pictures" : "signals";
      String description =
          "%d drawn %s in %s"
              .formatted(
                  chosen.length,
                  what,
                  ranged.ranges().stream()
                      .map(InputRange::name)
                      .collect(Collectors.joining(" and ")));
      return new DrawnInputs(ranged.of(chosen, description));
    }
  }

  /**
   * Whether {@link #of} gives inputs, as far as a single run on noise or, where that gives no
   * numbers, one on a few of them tells.
   *
   * @param seed of all that is drawn
   */
  public static boolean arePossible(
      OnnxModel model, Map<String, long[]> inputShapes, long seed, int threads) {
    try (OnnxSession session = OnnxSession.plain(model.proto(), model.file(), threads)) {
      GeneratedRun run = GeneratedInputs.firstRun(session, inputShapes, seed);
      Map<String, TensorValue> example = run.inputs();
      GeneratedInputs.requireUsual(model.file(), example);
      List<Drawing> drawings = drawings(model, session, example);
      if (drawings.isEmpty() || says(run.outputs(), 1)) {
        return !drawings.isEmpty();
      }
      int step = step(session, drawings);
      Map<String, TensorValue> few =
          row(session, example, drawings, seed).first(step).batch(0, step);
      return says(session.run(few), step);
    } catch (PleatException e) {
      LOG.debug("{}: no inputs can be drawn", model.file(), e);
      return false;
    }
  }

  /** Whether outputs hold numbers for any of so many inputs. */
  private static boolean says(Map<String, TensorValue> outputs, int inputs) {
    return Peaks.of(outputs, inputs).stream().anyMatch(said -> said.length > 0);
  }

  /** The endless row that inputs are taken from. */
  private static Candidates row(
      OnnxSession session, Map<String, TensorValue> example, List<Drawing> drawings, long seed) {
    return new Candidates(
        "drawn inputs",
        example,
        InputBatch.of(session.inputs()).whole(),
        drawings,
        List.of(ImageKind.OBJECTS, ImageKind.OBJECTS, ImageKind.LEAVES, ImageKind.STROKES),
        InputRange.OF_PICTURES,
        seed,
        new int[0]);
  }

  /** Whether an input would be drawn as a signal. */
  public static boolean isSignal(OnnxModel model, String input, Pixels pixels) {
    return Drawing.of(input, pixels, convolves(model))
        .filter(drawing -> drawing.form() == Drawing.Form.SIGNAL)
        .isPresent();
  }

  private static boolean convolves(OnnxModel model) {
    return model.nodes().stream().anyMatch(node -> node.getOpType().contains("Conv"));
  }

  /** What the network says of each. */
  private static List<float[]> said(
      OnnxSession session, Candidates all, int step, Progress progress) {
    List<float[]> rows = new ArrayList<>();
    progress.begin("draw", all.count() / step);
    for (int from = 0; from < all.count(); from += step) {
      rows.addAll(Peaks.of(session.run(all.batch(from, from + step)), step));
      progress.step();
    }
    return rows;
  }

  private static List<Drawing> drawings(
      OnnxModel model, OnnxSession session, Map<String, TensorValue> example) {
    boolean convolved = convolves(model);
    Set<String> whole = InputBatch.of(session.inputs()).whole();
    TokenInputs tokens = TokenInputs.of(model);
    List<Drawing> drawings = new ArrayList<>();
    for (TensorType type : session.inputs()) {
      TensorValue value = example.get(type.name());
      boolean drawn =
          type.isFloat() && !whole.contains(type.name()) && !tokens.contains(type.name());
      if (drawn && value != null && value.shape().length > 1) {
        Optional<Drawing> drawing =
            Drawing.of(type.name(), Pixels.of(model, type.name(), value.shape()), convolved);
        drawing.ifPresent(drawings::add);
      }
    }
    return drawings;
  }

  /** Inputs of one run: what the network is fixed to, else few enough for all it computes. */
  private static int step(OnnxSession session, List<Drawing> drawings) {
    return InputBatch.of(session.inputs())
        .fixed()
        .orElseGet(() -> (int) Math.clamp((1 << 18) / values(drawings), 1, 64));
  }

  private static long values(List<Drawing> drawings) {
    return drawings.stream().mapToLong(drawing -> drawing.pixels().imageSize()).sum();
  }

  private static int wanted(List<Drawing> drawings, long parameters, StepCost cost) {
    int least = (int) Math.clamp(LARGEST_VALUES / values(drawings), FEWEST, LEAST);
    int samples = (int) Math.clamp(USUAL_VALUES / values(drawings), least, USUAL);
    int useful =
        (int) Math.clamp(parameters / PARAMETERS_OF_INPUT, Math.min(FEW, samples), samples);
    return Math.min(useful, affordable(MOST_OF_A_WALK, FEWEST, cost));
  }

  /** Inputs that the network can be run on, some at least. */
  private static int affordable(double work, int least, StepCost cost) {
    return (int) Math.clamp(work / Math.max(1, cost.forwardWork()), least, Integer.MAX_VALUE);
  }

  private static long parameters(OnnxModel model) {
    return model.constants().values().stream()
        .filter(Constant::isFloat)
        .mapToLong(Constant::elements)
        .sum();
  }

  /**
   * The ranges in which the network is nearly as lively as in any and, of those, what its first
   * layer gives nearly as plausible as in any.
   */
  private static List<InputRange> ranges(
      OnnxModel model, Candidates row, StepCost cost, int step, int threads) {
    List<InputRange> ranges =
        row.drawings().getFirst().form() == Drawing.Form.PICTURE
            ? InputRange.OF_PICTURES
            : InputRange.OF_SIGNALS;
    long affordable =
        Math.min(
            LARGEST_VALUES / 4 / values(row.drawings()),
            affordable(MOST_OF_A_WALK / 4, FEWEST / 2, cost));
    int tried = (int) Math.clamp(affordable, FEWEST / 2, TO_FIND_RANGE);
    Candidates few = row.first(Math.ceilDiv(tried, step) * step);
    double[] bits = new double[ranges.size()];
    double[] plausible = new double[ranges.size()];
    try (Liveliness liveliness = Liveliness.open(model, threads)) {
      for (int r = 0; r < bits.length; r++) {
        InputRange range = ranges.get(r);
        Liveliness.Reaction reaction = liveliness.to(few.in(List.of(range)), step);
        bits[r] = range.prior() * reaction.bits();
        plausible[r] = reaction.plausibility();
        LOG.info(
            "{}: signs hold {} bits in {}, whose plausibility is {}",
            model.file(),
            bits[r],
            range.name(),
            plausible[r]);
      }
    } catch (PleatException e) {
      LOG.info("{}: its layers cannot be watched ({})", model.file(), e.getMessage());
    }
    double most = Arrays.stream(bits).filter(Double::isFinite).max().orElse(0);
    if (most <= 0) {
      return List.of(ranges.get(1));
    }
    int[] lively = IntStream.range(0, bits.length).filter(r -> bits[r] >= NEARLY * most).toArray();
    double best = Arrays.stream(lively).mapToDouble(r -> plausible[r]).max().orElseThrow();
    return Arrays.stream(lively)
        .filter(r -> !(plausible[r] < best - AS_PLAUSIBLE))
        .mapToObj(ranges::get)
        .toList();
  }

  /** What running the network on one input takes. */
  private static StepCost cost(OnnxModel model, Map<String, TensorValue> example, int threads) {
    Map<String, long[]> shapes = new HashMap<>();
    example.forEach((name, value) -> shapes.put(name, value.shape()));
    long[] first = example.values().iterator().next().shape();
    int batch = first.length == 0 ? 1 : (int) Math.max(1, first[0]);
    return StepCost.of(model, shapes, threads).dividedBy(batch);
  }

  /** Candidates that the network can be run on; each parameter counts once at least. */
  private static long affordable(long parameters, StepCost cost) {
    return (long) (MOST_FLOPS / Math.max(cost.forwardFlops(), 2.0 * parameters));
  }

  private static int[] chosen(
      OnnxSession session,
      Candidates ranged,
      int wanted,
      long useful,
      int step,
      Progress progress) {
    long values = values(ranged.drawings());
    double affordable = (values > LARGE ? MOST_OF_LARGE : MOST_VALUES) / values;
    int most = (int) Math.min(affordable, Math.min(useful, MOST_CANDIDATES));
    int count = Math.ceilDiv(Math.max(most, 2 * wanted), step) * step;
    Candidates all = ranged.first(count);
    int[] chosen = Choice.of(said(session, all, step, progress), wanted);
    return Arrays.copyOf(chosen, chosen.length / step * step);
  }
}
