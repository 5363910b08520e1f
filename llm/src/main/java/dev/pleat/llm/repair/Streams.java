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
 * The original and the folded model on the same text, side by side, one layer at a time. Folded
 * layers keep the original's attention.
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
      foldedBefore = folded.isEmpty() ? unfolded.states() : with(Map.of()).states();
      before = original.states();
      folded.clear();
      layer++;
      original = walk.layer(layer, before);
      unfolded = foldedBefore == before ? original : walk.layer(layer, foldedBefore);
    }
  }

  /** The original at this layer. */
  LayerWalk.Passed original() {
    return original;
  }

  /** This layer with the original's weights, behind folded ones. */
  LayerWalk.Passed unfolded() {
    return unfolded;
  }

  /** This layer with other weights, behind folded ones. */
  LayerWalk.Passed with(Map<String, Tensor> weights) {
    Map<String, Tensor> all = new HashMap<>(folded);
    all.putAll(weights);
    return walk.layer(layer, foldedBefore, new ReplacedWeights(model.weights(), all));
  }

  /** Weights of this layer are folded from now on. */
  void fold(Map<String, Tensor> weights) {
    folded.putAll(weights);
  }

  /**
   * How far the folded layers before have led this one astray: what is missing behind it,
   * [positions, hidden]. Empty where its down projection cannot make up for that, since its outputs
   * are not simply added to the stream.
   */
  Optional<HiddenStates> drift() {
    Layer now = model.blueprint().layers().get(layer);
    if (original == unfolded
        || !(now.feedForward() instanceof FeedForward.Dense)
        || now.afterFeedForward().isPresent()) {
      return Optional.empty();
    }
    HiddenStates states = original.states();
    float[] missing = new float[states.values().length];
    for (int i = 0; i < missing.length; i++) {
      missing[i] = states.values()[i] - unfolded.states().values()[i];
    }
    return Optional.of(new HiddenStates(states.rows(), states.width(), missing));
  }
}
