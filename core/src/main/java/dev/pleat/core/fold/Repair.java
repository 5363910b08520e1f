package dev.pleat.core.fold;

/** How the statistics that merging damages are repaired. */
public enum Repair {
  /** The best repair that is possible for the model and the method. */
  AUTO,
  /** Fold-Naive: normalisation parameters are averaged. */
  NONE,
  /** Fold-AR: the variance collapse of each cluster is undone from the weights alone. */
  APPROXIMATE
}
