package dev.pleat.llm.request;

/** How many layers a fold removes: those that a text misses least. */
public sealed interface LayerTarget {
  /**
   * Some.
   *
   * @param layers how many, at least 0
   */
  record Count(int layers) implements LayerTarget {}

  /**
   * A share of them.
   *
   * @param share in [0, 1)
   */
  record Share(double share) implements LayerTarget {}

  /** As many as serve a budget of parameters best, by trying. */
  record Best() implements LayerTarget {}

  /** All layers stay. */
  LayerTarget NONE = new Count(0);
}
