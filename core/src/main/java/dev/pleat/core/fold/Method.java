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
  RANDOM,
  /** Baseline of unions: channels of the same number merge, which is averaging the networks. */
  AVERAGE,
  /**
   * Baseline of unions: channels merge one to one by the assignment with the largest inner product
   * of their weights (weight matching, Git Re-Basin, 2209.04836).
   */
  MATCH,
  /**
   * Baseline of unions: the channels that correlate most on inputs merge pair by pair, of one
   * network or of two (ZipIt!, 2305.03053, section 4.1).
   */
  ZIP;

  /** Whether channels merge; otherwise some stay as they are and the others go. */
  public boolean merges() {
    return this == FOLD || this == RANDOM || ofUnions();
  }

  /** Whether it needs a union of networks. */
  public boolean ofUnions() {
    return this == AVERAGE || this == MATCH || this == ZIP;
  }

  /** What is done instead where only weights are known: L2 for {@link #WANDA}. */
  public Method onWeights() {
    return this == WANDA ? L2 : this;
  }
}
