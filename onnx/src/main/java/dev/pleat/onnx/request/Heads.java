package dev.pleat.onnx.request;

import java.util.Locale;

/** What becomes of the outputs of networks that are merged. */
public enum Heads {
  /** One task: outputs are the means of the networks'. */
  MEAN,
  /** Different classes: one output has those of all networks, in the order of the networks. */
  JOINT,
  /** Different tasks: every network has outputs of its own. */
  SEPARATE;

  /** As it is written on the command line. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }
}
