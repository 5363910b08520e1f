package dev.pleat.core.fold;

import dev.pleat.core.budget.Damage;
import java.util.ArrayList;
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
   * @param measured for each group, in the network's order, some widths; one without any is taken to
   *     be like the nearest groups that have some, for its share of the squared norm
   */
  public static Damage of(Redundancy redundancy, List<List<Measured>> measured) {
    double[] units = new double[measured.size()];
    for (int g = 0; g < units.length; g++) {
      double unit = 0;
      List<Integer> like = nearest(measured, g);
      for (int other : like) {
        double norms = redundancy.norm(other) / redundancy.norm(g);
        unit += unit(redundancy, other, measured.get(other)) * Math.pow(norms, POWER) / like.size();
      }
      units[g] = unit;
    }
    return (group, k) -> units[group] * Math.pow(redundancy.objective(group, k), POWER);
  }

  /** The group itself where it was measured, else the nearest before and behind it that were. */
  private static List<Integer> nearest(List<List<Measured>> measured, int group) {
    if (!measured.get(group).isEmpty()) {
      return List.of(group);
    }
    List<Integer> found = new ArrayList<>();
    for (int step : new int[] {-1, 1}) {
      int g = group + step;
      while (g >= 0 && g < measured.size() && measured.get(g).isEmpty()) {
        g += step;
      }
      if (g >= 0 && g < measured.size()) {
        found.add(g);
      }
    }
    return found;
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
