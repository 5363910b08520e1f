package dev.pleat.onnx.repair;

/** How much work inputs may take that a network makes itself. */
public enum Effort {
  /** They are drawn, never optimised. */
  LOW(0),
  /** They are optimised where that takes about five minutes on two usual cores, else drawn. */
  NORMAL(1e13),
  /** They are optimised wherever the network has statistics, in up to an hour or more. */
  HIGH(Double.POSITIVE_INFINITY);

  private final double mostFlops;

  Effort(double mostFlops) {
    this.mostFlops = mostFlops;
  }

  /** Operations of an optimisation that is begun; the machine has no say, or the bytes would. */
  double mostFlops() {
    return mostFlops;
  }
}
