package dev.pleat.llm.repair;

import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LayerWalk;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.run.ReplacedWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Tries folds of a whole model on some of a text: two thirds of that are there to fit, the rest
 * judges. Sequences are taken by twos, since every second one that a model writes begins in a way
 * of its own.
 */
public final class FoldProbe {
  /** Sequences that a probe needs. */
  public static final int FEWEST = 4;

  private static final int MOST_PAIRS = 12;
  private static final int THIRDS = 3;

  private final Model model;
  private final CalibrationText fitted;
  private final LayerWalk judge;

  /**
   * A probe.
   *
   * @param text of at least {@link #FEWEST} sequences
   * @param threads threads to use; the result does not depend on it
   */
  public FoldProbe(Model model, CalibrationText text, int threads) {
    this.model = model;
    int pairs = text.batch().sequences() / 2;
    int taken = Math.min(MOST_PAIRS, pairs);
    List<Integer> all =
        IntStream.range(0, taken).mapToObj(p -> (int) ((long) p * pairs / taken)).toList();
    List<Integer> fit = new ArrayList<>();
    List<Integer> held = new ArrayList<>();
    for (int p = 0; p < taken; p++) {
      (p % THIRDS == 1 ? held : fit).add(all.get(p));
    }
    this.fitted = new CalibrationText(text.batch().pairs(fit), text.description());
    this.judge = new LayerWalk(model, text.batch().pairs(held), threads);
  }

  /** What a fold that is tried is fitted on. */
  public CalibrationText fitted() {
    return fitted;
  }

  /** The folded weights of one layer after the other. */
  @FunctionalInterface
  public interface Fold {
    /** Those of a layer that stays, by name; of those that are missing the original's are taken. */
    Map<String, Tensor> layer(int number);
  }

  /**
   * How badly a folded model predicts tokens that nothing was fitted to: the mean of −log p, in
   * nats.
   *
   * @param removed layers that it does without
   * @param fold asked for the others in order
   */
  public double loss(Set<Integer> removed, Fold fold) {
    HiddenStates states = judge.embed();
    for (int layer = 0; layer < model.blueprint().layers().size(); layer++) {
      if (!removed.contains(layer)) {
        ReplacedWeights weights = new ReplacedWeights(model.weights(), fold.layer(layer));
        states = judge.layer(layer, states, weights).states();
      }
    }
    return judge.loss(states);
  }
}
