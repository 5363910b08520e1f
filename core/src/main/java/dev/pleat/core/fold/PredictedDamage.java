package dev.pleat.core.fold;

import dev.pleat.core.budget.Damage;
import java.util.Arrays;
import java.util.List;

/**
 * Damage to a model's outputs as {@code c·J(k)²}: the square of the objective says how it grows as
 * a group is folded further. What a unit costs, c, differs by orders of magnitude between groups,
 * so it is measured at a few widths of each. {@code docs/budgets.md} has what was tried.
 */
public final class PredictedDamage {
  private static final double POWER = 2;
  private static final double LEAST = 1e-12;

  private PredictedDamage() {}

  /**
   * What folding one group alone was seen to do.
   *
   * @param k channels that it kept
   * @param damage at least 0, in a unit that all groups share
   */
  public record Measured(int k, double damage) {}

  /** From the weights alone: J counts as a share of the squared norm of the group's features. */
  public static Damage of(Redundancy redundancy) {
    return (group, k) -> {
      double objective = redundancy.objective(group, k);
      return objective > 0 ? Math.pow(objective / redundancy.norm(group), POWER) : 0;
    };
  }

  /**
   * By measurements, whose geometric mean sets the unit.
   *
   * @param measured for each group some widths; without any, its damage is 0
   */
  public static Damage of(Redundancy redundancy, List<List<Measured>> measured) {
    double[] units = new double[measured.size()];
    Arrays.setAll(units, g -> unit(redundancy, g, measured.get(g)));
    return (group, k) -> units[group] * Math.pow(redundancy.objective(group, k), POWER);
  }

  private static double unit(Redundancy redundancy, int group, List<Measured> measured) {
    return Math.exp(
        measured.stream()
            .filter(point -> redundancy.objective(group, point.k) > 0)
            .mapToDouble(point ->
                Math.log(Math.max(LEAST, point.damage))
                    - POWER * Math.log(redundancy.objective(group, point.k)))
            .average()
            .orElse(Double.NEGATIVE_INFINITY));
  }
}
