package dev.pleat.llm.repair;

import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.blueprint.FeedForward;
import dev.pleat.llm.blueprint.Layer;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LayerWalk;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.run.ReplacedWeights;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The original and the folded model on the same text, side by side, one layer at a time. Where
 * attention is folded, the output projection that reads it does without what is gone. Layers that
 * are removed are passed by in the folded model.
 */
final class Streams {
  /** Half of the drift: all of it, like none of it, measured worse. */
  private static final float SHARE_OF_DRIFT = 0.5F;

  private final Model model;
  private final LayerWalk walk;
  private final Set<Integer> removed;
  private final Map<String, Tensor> folded = new HashMap<>();
  private int layer;
  private HiddenStates before;
  private HiddenStates foldedBefore;
  private LayerWalk.Passed original;
  private LayerWalk.Passed unfolded;
  private HiddenStates target;
  private boolean blocksFolded;
  private Optional<HiddenStates> change = Optional.empty();

  /**
   * Both stand at the first layer that stays.
   *
   * @param removed layers that go
   */
  Streams(Model model, LayerWalk walk, Set<Integer> removed) {
    this.model = model;
    this.walk = walk;
    this.removed = removed;
    foldedBefore = walk.embed();
    layer = next(-1);
    before = through(foldedBefore, 0, layer);
    original = walk.layer(layer, before);
    unfolded = arrive();
    target = through(original.states(), layer + 1, next(layer));
  }

  private int next(int from) {
    int next = from + 1;
    while (removed.contains(next)) {
      next++;
    }
    return next;
  }

  private HiddenStates through(HiddenStates states, int from, int to) {
    HiddenStates passed = states;
    for (int i = from; i < to; i++) {
      passed = walk.layer(i, passed).states();
    }
    return passed;
  }

  private LayerWalk.Passed arrive() {
    return same(foldedBefore, before) ? original : walk.layer(layer, foldedBefore);
  }

  private static boolean same(HiddenStates a, HiddenStates b) {
    return a == b || Arrays.equals(a.values(), b.values());
  }

  /** Goes on to a layer that stays and does not lie behind. */
  void advance(int wanted) {
    while (layer < wanted) {
      foldedBefore = behind();
      before = target;
      folded.clear();
      blocksFolded = false;
      change = Optional.empty();
      layer = next(layer);
      original = walk.layer(layer, before);
      unfolded = arrive();
      target = through(original.states(), layer + 1, next(layer));
    }
  }

  /** The original at this layer. */
  LayerWalk.Passed original() {
    return original;
  }

  /** This layer behind folded ones, with the original's blocks. */
  LayerWalk.Passed unfolded() {
    return unfolded;
  }

  /** The attention of this layer is folded from now on; its shapes stay. */
  void foldAttention(Map<String, Tensor> weights) {
    folded.putAll(weights);
    unfolded = run();
  }

  /** Blocks of this layer are folded from now on. */
  void foldBlocks(Map<String, Tensor> weights) {
    folded.putAll(weights);
    blocksFolded = true;
  }

  /** What the neurons of this layer's only block would be with other weights, [positions, k]. */
  HiddenStates neurons(Map<String, Tensor> weights) {
    return walk.layer(layer, foldedBefore, replaced(weights)).neurons().orElseThrow();
  }

  /** Rows of all positions that {@link #linearised} is at. */
  int[] someRows(int sequences) {
    return walk.rowsOfSome(sequences);
  }

  /**
   * This layer with other weights and with slopes, at the positions of some sequences.
   *
   * @param sequences how many, at least 1
   */
  LayerWalk.Passed linearised(int sequences, Map<String, Tensor> weights) {
    return walk.some(sequences)
        .linearised(layer, foldedBefore.rows(someRows(sequences)), replaced(weights));
  }

  /** Tokens of a sequence. */
  int length() {
    return walk.length();
  }

  /** The layer's feed-forward part. */
  FeedForward feedForward() {
    return model.blueprint().layers().get(layer).feedForward();
  }

  private ReplacedWeights replaced(Map<String, Tensor> weights) {
    Map<String, Tensor> all = new HashMap<>(folded);
    all.putAll(weights);
    return new ReplacedWeights(model.weights(), all);
  }

  private LayerWalk.Passed run() {
    return walk.layer(layer, foldedBefore, new ReplacedWeights(model.weights(), folded));
  }

  /** What folding changes of the outputs of this layer's only block, where they {@link #addsUp}. */
  void change(HiddenStates outputs) {
    change = Optional.of(outputs);
  }

  /** Whether this layer has one block only, whose outputs are simply added to the stream. */
  boolean addsUp() {
    Layer now = model.blueprint().layers().get(layer);
    return now.feedForward() instanceof FeedForward.Dense && now.afterFeedForward().isEmpty();
  }

  /** The folded model's states behind this layer. */
  private HiddenStates behind() {
    if (!blocksFolded) {
      return unfolded.states();
    }
    return change.map(c -> unfolded.states().plus(c, 1)).orElseGet(() -> run().states());
  }

  /**
   * What the attention of this layer is to add to the stream beyond what it adds, [positions,
   * hidden]: half of what is missing behind it. Empty where it cannot make up for that.
   */
  Optional<HiddenStates> missingBetween() {
    return original != unfolded && model.blueprint().layers().get(layer).afterAttention().isEmpty()
        ? original
            .between()
            .map(states -> states.plus(unfolded.between().orElseThrow(), -1).times(SHARE_OF_DRIFT))
        : Optional.empty();
  }

  /**
   * What the block of this layer is to add to the stream beyond what it adds, [positions, hidden]:
   * half of what the stream lacks behind it and what removed layers that follow add in the
   * original. Empty where its down projection cannot make up for that, since its outputs are not
   * simply added to the stream.
   */
  Optional<HiddenStates> missing() {
    boolean nothing = original == unfolded && same(target, original.states());
    return addsUp() && !nothing
        ? Optional.of(target.plus(unfolded.states(), -1).times(SHARE_OF_DRIFT))
        : Optional.empty();
  }
}
