package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.PlantedDuplicates;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import dev.pleat.core.report.Verification;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.llm.run.Batch;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LayerWalk;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.run.ReplacedWeights;
import dev.pleat.llm.safetensors.Checkpoint;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks folds by running layers, one at a time, on a few random tokens: the feed-forward blocks of
 * the original with nothing folded and with planted duplicates folded, then the whole written
 * model.
 */
final class CheckpointVerifier {
  /** Of larger models one layer is run: a fold of theirs would spend minutes on all. */
  private static final long MOST_PARAMETERS = 1L << 29;

  /** Copies of a layer's folded tensors, in 32 bits, that are held at once. */
  private static final int COPIES = 6;

  private static final int SEQUENCES = 2;
  private static final int LENGTH = 16;
  private static final long SEED = 7;

  /** Rounding may move outputs by about 1e-5, relative to the largest. */
  private static final double LARGEST_RELATIVE = 1e-3;

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointVerifier.class);

  private final CheckpointFoldRequest request;
  private final OpenModel opened;
  private final boolean whole;

  /**
   * A verifier of one fold.
   *
   * @param opened the original
   * @param parameters how many it has
   */
  CheckpointVerifier(CheckpointFoldRequest request, OpenModel opened, long parameters) {
    this.request = request;
    this.opened = opened;
    this.whole = parameters <= MOST_PARAMETERS;
  }

  /**
   * Runs the original's blocks and a written model.
   *
   * @param written the directory
   * @throws PleatException when folding nothing, or exact duplicates, changes anything, or the
   *     written model does not run
   */
  Verification verify(Path written) {
    Model model;
    try {
      model = Model.of(opened.checkpoint(), request.architecture());
    } catch (PleatException e) {
      LOG.info("not verified, since the model cannot be run: {}", e.getMessage());
      return Verification.not("the model cannot be run: " + e.getMessage());
    }
    Batch batch = tokens(model);
    if (!whole) {
      return firstLayer(model, batch, written);
    }
    Verification verification = blocks(model, batch, model.blueprint().layers().size());
    try (Checkpoint checkpoint = Checkpoint.open(written)) {
      Model folded = Model.of(checkpoint, request.architecture());
      output(folded, batch, folded.blueprint().layers().size());
    }
    return verification;
  }

  /** The first layer alone, original and folded, where there is room for it. */
  private Verification firstLayer(Model model, Batch batch, Path written) {
    Runtime memory = Runtime.getRuntime();
    long free = memory.maxMemory() - memory.totalMemory() + memory.freeMemory();
    long bytes =
        groups(0).stream()
            .flatMap(group -> group.slots().stream())
            .map(Slot::tensor)
            .distinct()
            .mapToLong(tensor -> opened.checkpoint().info(tensor).elements() * Float.BYTES)
            .sum();
    if (bytes * COPIES > free) {
      return Verification.not(
          "running one layer takes %d MiB of heap, and %d are free"
              .formatted(bytes * COPIES >> 20, free >> 20));
    }
    Verification verification = blocks(model, batch, 1);
    try (Checkpoint checkpoint = Checkpoint.open(written)) {
      output(Model.of(checkpoint, request.architecture()), batch, 1);
    }
    return verification.partly(
        "the model has more than 2^29 parameters, so only its first layer was run");
  }

  private static Batch tokens(Model model) {
    int length = Math.min(LENGTH, model.blueprint().context());
    SplittableRandom random = new SplittableRandom(SEED);
    int[][] tokens = new int[SEQUENCES][];
    for (int s = 0; s < SEQUENCES; s++) {
      tokens[s] = random.ints(length, 0, model.blueprint().vocabulary()).toArray();
    }
    return new Batch(tokens);
  }

  private Verification blocks(Model model, Batch batch, int layers) {
    LayerWalk walk = new LayerWalk(model, batch, request.threads());
    HiddenStates states = walk.embed();
    double ratioZero = 0;
    double duplicates = 0;
    for (int layer = 0; layer < layers; layer++) {
      int now = layer;
      HiddenStates before = states;
      List<ChannelGroup> groups = groups(layer);
      TensorStore tensors = new LayerTensors(opened.checkpoint());
      // What stays of its original type may be multiplied in another order than floats are.
      states = run(walk, now, before, model, groups, tensors);
      TensorOverlay merged = new TensorOverlay(tensors);
      Folding.merge(
          merged, groups, groups.stream().map(g -> Clustering.identity(g.width())).toList());
      ratioZero =
          Math.max(ratioZero, largest(states, run(walk, now, before, model, groups, merged)));
      List<Clustering> pairs = PlantedDuplicates.choose(groups, SEED + layer);
      TensorOverlay planted = PlantedDuplicates.plant(tensors, groups, pairs);
      TensorOverlay folded = new TensorOverlay(planted);
      Folding.merge(folded, groups, pairs);
      HiddenStates wanted = run(walk, now, before, model, groups, planted);
      double size = largest(wanted, before);
      double difference = largest(wanted, run(walk, now, before, model, groups, folded));
      duplicates = Math.max(duplicates, size > 0 ? difference / size : difference);
    }
    if (ratioZero != 0 || !(duplicates <= LARGEST_RELATIVE)) {
      throw new PleatException(
          "%s: folding nothing changed a layer by %s and folding exact duplicates by %s, so folding this model is not safe; nothing was written"
              .formatted(request.input(), ratioZero, duplicates));
    }
    return new Verification(true, ratioZero, duplicates);
  }

  private List<ChannelGroup> groups(int layer) {
    return opened.groups().feedForwards().stream()
        .flatMap(family -> family.groups().stream())
        .filter(group -> group.name().startsWith("layers." + layer + "."))
        .toList();
  }

  private static HiddenStates run(
      LayerWalk walk,
      int layer,
      HiddenStates before,
      Model model,
      List<ChannelGroup> groups,
      TensorStore tensors) {
    Map<String, Tensor> replaced = new HashMap<>();
    for (ChannelGroup group : groups) {
      for (Slot slot : group.slots()) {
        replaced.put(slot.tensor(), tensors.read(slot.tensor()));
      }
    }
    return walk.layer(layer, before, new ReplacedWeights(model.weights(), replaced)).states();
  }

  /** The largest absolute difference. */
  private static double largest(HiddenStates a, HiddenStates b) {
    double largest = 0;
    for (int i = 0; i < a.values().length; i++) {
      double difference = Math.abs((double) a.values()[i] - b.values()[i]);
      if (!(difference <= largest)) {
        largest = difference;
      }
    }
    return largest;
  }

  private void output(Model model, Batch batch, int layers) {
    LayerWalk walk = new LayerWalk(model, batch, request.threads());
    HiddenStates states = walk.embed();
    for (int layer = 0; layer < layers; layer++) {
      states = walk.layer(layer, states).states();
      for (float value : states.values()) {
        if (!Float.isFinite(value)) {
          throw new PleatException(
              "%s: layer %d of the folded model gives %s; nothing was written, fold less"
                  .formatted(request.input(), layer, value));
        }
      }
    }
  }
}
