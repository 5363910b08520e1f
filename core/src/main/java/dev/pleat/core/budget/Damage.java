package dev.pleat.core.budget;

/** What folding groups is predicted to do to a model's outputs. Comparable across groups. */
@FunctionalInterface
public interface Damage {
  /** For allocations that do not ask. */
  Damage UNKNOWN = (group, k) -> 0;

  /**
   * The damage.
   *
   * @param k channels that the group keeps, in [1, width]
   * @return at least 0, never rising with k, 0 at the full width
   */
  double of(int group, int k);
}
