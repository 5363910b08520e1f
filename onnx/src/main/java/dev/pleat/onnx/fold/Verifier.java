package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.PlantedDuplicates;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.onnx.model.ModelWriter;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.output.StagedOutput;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks traces and outputs by running models in ONNX Runtime on generated inputs. */
final class Verifier {
  private static final long SEED = 7;

  /** Rounding may move outputs by about 1e-5, relative to the largest. */
  private static final double LARGEST_RELATIVE = 1e-3;

  /** A network that amplifies rounding amplifies the planting itself by far more. */
  private static final double LARGEST_SHARE = 0.02;

  /** Sums in another order may move outputs by this many times what one rounding a weight does. */
  private static final double ROUNDINGS = 4;

  private static final Set<String> RANDOM =
      Set.of(
          "Bernoulli",
          "Multinomial",
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike");

  private static final Logger LOG = LoggerFactory.getLogger(Verifier.class);

  /**
   * What planting and folding duplicates changed, relative to the largest output.
   *
   * @param folding by folding them, which should be nothing but rounding
   * @param planting by planting them
   * @param rounding by one rounding of each weight that reads them; 0 where that was not needed
   */
  record Difference(double folding, double planting, double rounding) {
    boolean isRounding() {
      double amplified = Math.max(LARGEST_SHARE * planting, ROUNDINGS * rounding);
      return folding <= Math.max(LARGEST_RELATIVE, amplified);
    }
  }

  private final OnnxModel model;
  private final StagedOutput stage;
  private final int threads;
  private final Map<String, TensorValue> inputs;
  private final Map<String, TensorValue> expected;

  /**
   * Runs the original.
   *
   * @throws PleatException when the original itself does not run, or not twice alike
   */
  Verifier(OnnxModel model, StagedOutput stage, Map<String, long[]> inputShapes, int threads) {
    this.model = model;
    this.stage = stage;
    this.threads = threads;
    try (OnnxSession session = OnnxSession.open(model.file(), threads)) {
      inputs = GeneratedInputs.firstThatRuns(session, inputShapes, SEED);
      expected = session.run(inputs);
      refuseIfRandom(session);
    }
  }

  /**
   * Passes the model through folding at ratio 0.
   *
   * @return largest absolute difference of the outputs, which is 0
   * @throws PleatException when it is not
   */
  double ratioZero(TracedModel traced) {
    List<Clustering> identity =
        traced.groups().stream().map(group -> Clustering.identity(group.width())).toList();
    TensorOverlay tensors = new TensorOverlay(traced.tensors());
    Folding.merge(tensors, traced.groups(), identity);
    double difference =
        OutputDifference.absolute(
            expected, run("ratio-0", traced.rewrite(identity, tensors, Map.of()), Map.of()));
    if (difference != 0) {
      throw new PleatException(
          "%s: folding nothing changed the outputs by %s, so folding this model is not safe; nothing was written"
              .formatted(model.file(), difference));
    }
    return difference;
  }

  private void refuseIfRandom(OnnxSession session) {
    for (NodeProto node : model.nodes()) {
      boolean random = Nodes.isStandard(node) && RANDOM.contains(node.getOpType());
      if (random && OutputDifference.absolute(expected, session.run(inputs)) != 0) {
        throw new PleatException(
            "%s: %s draws random numbers, so outputs differ from run to run and no fold can be verified; export the model without it, or fold with --no-verify"
                .formatted(model.file(), Nodes.describe(node)));
      }
    }
  }

  /**
   * Plants duplicates in some groups and folds them.
   *
   * @param chosen groups to plant in, by index
   * @return what that changed
   */
  Difference duplicates(TracedModel traced, List<Integer> chosen) {
    List<ChannelGroup> groups = traced.groups();
    List<Clustering> pairs = new ArrayList<>(PlantedDuplicates.choose(groups, SEED));
    for (int g = 0; g < pairs.size(); g++) {
      if (!chosen.contains(g)) {
        pairs.set(g, Clustering.identity(groups.get(g).width()));
      }
    }
    List<Clustering> identity =
        groups.stream().map(group -> Clustering.identity(group.width())).toList();
    TensorOverlay planted = PlantedDuplicates.plant(traced.tensors(), groups, pairs);
    TensorOverlay folded = new TensorOverlay(planted);
    Folding.merge(folded, groups, pairs);
    ModelProto before = traced.rewrite(identity, planted, Map.of());
    ModelProto after = traced.rewrite(pairs, folded, Map.of());
    List<ChannelGroup> changed = chosen.stream().map(groups::get).toList();
    Supplier<ModelProto> rounded =
        () -> traced.rewrite(identity, PlantedDuplicates.rounded(planted, changed, SEED), Map.of());
    if (Selections.isIn(before)) {
      try {
        Difference difference = ofSameChoices(before, after, rounded);
        if (difference.isRounding()) {
          return difference;
        }
      } catch (PleatException e) {
        LOG.debug("{}: what it chooses cannot be given to it", model.file(), e);
      }
    }
    try {
      Map<String, TensorValue> seen = run("planted", before, Map.of());
      return difference(
          seen, run("folded", after, Map.of()), () -> run("rounded", rounded.get(), Map.of()));
    } catch (PleatException e) {
      LOG.debug("folding planted duplicates failed", e);
      return new Difference(Double.POSITIVE_INFINITY, 0, 0);
    }
  }

  /** What folding changed in what both networks choose by, and with the same choices behind it. */
  private Difference ofSameChoices(
      ModelProto before, ModelProto after, Supplier<ModelProto> rounded) {
    Map<String, TensorValue> seen = run("planted", Selections.observed(before), Map.of());
    Map<String, TensorValue> choices = Selections.choices(before, seen);
    Map<String, TensorValue> same = run("folded", Selections.withChoices(after, seen), choices);
    Map<String, TensorValue> continuous = new LinkedHashMap<>(seen);
    continuous.keySet().removeAll(choices.keySet());
    return difference(
        continuous,
        same,
        () -> run("rounded", Selections.withChoices(rounded.get(), seen), choices));
  }

  /** Networks that make much of rounding are run once more, to see how much. */
  private Difference difference(
      Map<String, TensorValue> before,
      Map<String, TensorValue> after,
      Supplier<Map<String, TensorValue>> rounded) {
    double folding = OutputDifference.relative(before, after);
    // What makes a network choose otherwise, so that outputs differ in shape, excuses nothing.
    double planting = finite(OutputDifference.relative(before, expected));
    Difference difference = new Difference(folding, planting, 0);
    return difference.isRounding()
        ? difference
        : new Difference(
            folding, planting, finite(OutputDifference.relative(before, rounded.get())));
  }

  private static double finite(double difference) {
    return Double.isFinite(difference) ? difference : 0;
  }

  /**
   * Groups whose folded duplicates change the outputs, by index, with the difference of each.
   *
   * @param difference what all suspects together change
   */
  Map<Integer, Double> unsafe(TracedModel traced, List<Integer> suspects, Difference difference) {
    Map<Integer, Double> unsafe = new TreeMap<>();
    if (difference.isRounding()) {
      return unsafe;
    }
    if (suspects.size() == 1) {
      unsafe.put(suspects.getFirst(), difference.folding);
      return unsafe;
    }
    int half = suspects.size() / 2;
    for (List<Integer> part :
        List.of(suspects.subList(0, half), suspects.subList(half, suspects.size()))) {
      unsafe.putAll(unsafe(traced, part, duplicates(traced, part)));
    }
    return unsafe;
  }

  /**
   * Opens and runs the finished file.
   *
   * @throws PleatException when that fails or an output is gone
   */
  void output(Path file) {
    try (OnnxSession session = OnnxSession.open(file, threads)) {
      Map<String, TensorValue> outputs = session.run(inputs);
      if (!outputs.keySet().equals(expected.keySet())) {
        throw new PleatException(
            "the folded model has the outputs %s instead of %s; nothing was written"
                .formatted(outputs.keySet(), expected.keySet()));
      }
    }
  }

  /**
   * Runs a network derived from the model.
   *
   * @param more inputs beside the usual ones
   */
  private Map<String, TensorValue> run(
      String name, ModelProto proto, Map<String, TensorValue> more) {
    Path file = stage.scratch(name);
    stage.discard(name);
    ModelWriter.write(model, proto, file);
    Map<String, TensorValue> all = new LinkedHashMap<>(inputs);
    all.putAll(more);
    try (OnnxSession session = OnnxSession.open(file, threads)) {
      return session.run(all);
    } finally {
      stage.discard(name);
    }
  }
}
