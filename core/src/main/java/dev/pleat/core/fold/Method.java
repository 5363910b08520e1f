package dev.pleat.core.fold;

/** How the channels of a group are reduced to fewer. */
public enum Method {
  /** Model folding: cluster similar channels and merge each cluster (ICLR 2025). */
  FOLD,
  /** Baseline: keep the channels with the largest L1 norm of their producer rows. */
  L1,
  /** Baseline: keep the channels with the largest L2 norm of their producer rows. */
  L2,
  /** Baseline: merge random clusters of equal size. */
  RANDOM
}
