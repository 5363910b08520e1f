package dev.pleat.core.fold;

import dev.pleat.core.Setting;
import java.util.Locale;

/** How the channels of a group are reduced to fewer. */
public enum Method {
  /**
   * Model folding: cluster similar channels and merge each cluster (ICLR 2025). Clusters are a Ward
   * tree's, refined by Hartigan's moves.
   */
  FOLD,
  /** Folding with the clusters of the Ward tree as they are. */
  WARD,
  /** Folding with the clusters of Lloyd's k-means from random starts. */
  KMEANS,
  /** Folding with the clusters of Hartigan's moves from random starts, as the paper's code does. */
  HARTIGAN,
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
  /** Baseline: iterative feature merging, with its own rule for weights and statistics. */
  IFM,
  /** Baseline: an integral neural network made of the trained one, sampled at fewer places. */
  INN,
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

  /** Whether clusters are those of the least objective J that is found. */
  public boolean clusters() {
    return this == FOLD || this == WARD || this == KMEANS || this == HARTIGAN;
  }

  /**
   * Whether a channel that is left is the mean of a cluster, which is what repairs are made for.
   * Otherwise it stays as it is, or the method mixes it by a rule of its own.
   */
  public boolean averages() {
    return clusters() || this == RANDOM || ofUnions();
  }

  /** Whether channels are mixed by a rule that only statistics can be measured behind. */
  public boolean mixesItsOwnWay() {
    return this == IFM || this == INN;
  }

  /** The choice of this method, as errors name it. */
  public Setting setting() {
    return Setting.of("method", spelling());
  }

  /** How options and reports spell it, such as {@code fold}. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
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
