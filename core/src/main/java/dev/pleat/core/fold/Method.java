package dev.pleat.core.fold;

/** How the channels of a group are reduced to fewer. */
public enum Method {
  /** Model folding: cluster similar channels and merge each cluster (ICLR 2025). */
  FOLD,
  /** Baseline: keep the channels with the largest L1 norm of their producer rows. */
  L1,
  /** Baseline: keep the channels with the largest L2 norm of their producer rows. */
  L2,
  /**
   * Baseline: keep the channels with the largest √E[h²]·‖v‖, h what a channel is on a text and v
   * the weights that read it (Wanda, 2306.11695, for whole channels). Language models only.
   */
  WANDA,
  /** Baseline: merge random clusters of equal size. */
  RANDOM;

  /** Whether channels merge; otherwise some are kept as they are. */
  public boolean merges() {
    return this == FOLD || this == RANDOM;
  }

  /** What is done instead where only weights are known: L2 for {@link #WANDA}. */
  public Method onWeights() {
    return this == WANDA ? L2 : this;
  }
}
