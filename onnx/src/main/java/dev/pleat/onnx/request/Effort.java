package dev.pleat.onnx.request;

/** How much work inputs may take that a network makes itself. */
public enum Effort {
  /** They are drawn, never optimised. */
  LOW(0),
  /**
   * They are optimised, as many in as many steps as three minutes or so on two usual cores allow,
   * and drawn where that is too few.
   */
  NORMAL(4.5e13),
  /** They are optimised wherever the network has statistics, in up to an hour or more. */
  HIGH(Double.POSITIVE_INFINITY);

  private final double mostWork;

  Effort(double mostWork) {
    this.mostWork = mostWork;
  }

  /** Operations of an optimisation; the machine has no say, or the bytes would. */
  public double mostWork() {
    return mostWork;
  }
}
