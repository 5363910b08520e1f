package dev.pleat.core.fold;

import dev.pleat.core.Setting;
import java.util.Locale;

/** How the statistics that merging damages are repaired. */
public enum Repair {
  /** The best repair that is possible for the model and the method. */
  AUTO,
  /** Fold-Naive: normalisation parameters are averaged. */
  NONE,
  /** Fold-AR: the variance collapse of each cluster is undone from the weights alone. */
  APPROXIMATE,
  /**
   * Fold-DIR: the statistics of every normalisation are measured again on images that the original
   * network made of its own statistics.
   */
  INVERSION,
  /** Fold-R: the same on inputs that are given. */
  DATA,
  /**
   * Consumers are fitted to the original's activations one after the other, and the statistics
   * behind each are measured, on given or made inputs (GRAIL's ridge made sequential).
   */
  LEAST_SQUARES,
  /**
   * Language models: neurons are clustered by what they do on text that the model writes itself, or
   * that is given, and the down projections behind them are fitted on it.
   */
  SELF;

  /** Whether it runs on inputs that are given: not from the weights alone, nor on its own. */
  public boolean takesInputs() {
    return this != NONE && this != APPROXIMATE && this != INVERSION;
  }

  /** The choice of this repair, as errors name it. */
  public Setting setting() {
    return Setting.of("repair", spelling());
  }

  /** How options and reports spell it, such as {@code least-squares}. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
