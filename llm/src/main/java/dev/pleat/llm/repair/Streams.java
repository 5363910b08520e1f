package dev.pleat.llm.repair;

import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.blueprint.FeedForward;
import dev.pleat.llm.blueprint.Layer;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LayerWalk;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.run.ReplacedWeights;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The original and the folded model on the same text, side by side, one layer at a time. Where
 * attention is folded, the output projection that reads it does without what is gone.
 */
final class Streams {
  private final Model model;
  private final LayerWalk walk;
  private final Map<String, Tensor> folded = new HashMap<>();
  private int layer;
  private HiddenStates before;
  private HiddenStates foldedBefore;
  private LayerWalk.Passed original;
  private LayerWalk.Passed unfolded;
  private boolean blocksFolded;
  private Optional<HiddenStates> change = Optional.empty();

  /** Both stand at the first layer, where they are the same. */
  Streams(Model model, LayerWalk walk) {
    this.model = model;
    this.walk = walk;
    before = walk.embed();
    foldedBefore = before;
    original = walk.layer(0, before);
    unfolded = original;
  }

  /** Goes on to a layer that does not lie behind. */
  void advance(int wanted) {
    while (layer < wanted) {
      foldedBefore = behind();
      before = original.states();
      folded.clear();
      blocksFolded = false;
      change = Optional.empty();
      layer++;
      original = walk.layer(layer, before);
      unfolded = foldedBefore == before ? original : walk.layer(layer, foldedBefore);
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

  /** The same between its attention and its block; empty where attention cannot make up for it. */
  Optional<HiddenStates> driftBetween() {
    return original != unfolded && model.blueprint().layers().get(layer).afterAttention().isEmpty()
        ? original.between().map(states -> states.plus(unfolded.between().orElseThrow(), -1))
        : Optional.empty();
  }

  /**
   * How far the folded layers before have led this one astray: what is missing behind it,
   * [positions, hidden]. Empty where its down projection cannot make up for that, since its outputs
   * are not simply added to the stream.
   */
  Optional<HiddenStates> drift() {
    return original != unfolded && addsUp()
        ? Optional.of(original.states().plus(unfolded.states(), -1))
        : Optional.empty();
  }
}
