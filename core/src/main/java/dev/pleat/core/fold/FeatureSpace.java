package dev.pleat.core.fold;

/** What describes a channel while channels are compared. */
public enum FeatureSpace {
  /** Its weights as they stand, which is what the paper clusters on. */
  WEIGHTS,
  /** Its weights with batch normalisations counted as moved into the layers before them. */
  NORMALISED,
  /** What it adds to the outputs of its block on a text: ⟨h_i h_j⟩ · ⟨v_i, v_j⟩. */
  FUNCTIONAL
}
