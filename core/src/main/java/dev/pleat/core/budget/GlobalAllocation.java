package dev.pleat.core.budget;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Spends a budget where it prevents most damage: minimises the sum of the groups' damages under a
 * limit on a cost that is a sum of products of widths.
 *
 * <p>From the full widths down, the group shrinks next that pays least damage for what it saves,
 * along the lower convex hull of its damage (marginal analysis: Fox, "Discrete optimization via
 * marginal analysis", Management Science 13, 1966; exact up to the last step where costs are sums).
 * Savings are taken at the current widths, since they fall as neighbours shrink. Then what is left
 * of the budget is spent, and pairs of groups trade channels until no trade helps. The same is done
 * from the smallest widths up, and the better of both is taken.
 */
public final class GlobalAllocation {
  /** Trades gain little each, and there is an end to them. */
  private static final int MOST_TRADES = 1_000;

  private final int[][] grids;
  private final double[][] damages;
  private final Cost cost;
  private final long most;

  /** The next lower corner of the hull from each point of each grid. */
  private final int[][] below;

  /** The chosen point of each grid, and the widths there. */
  private final int[] at;

  private final int[] widths;
  private long spent;

  private GlobalAllocation(int[][] grids, double[][] damages, Cost cost, long most) {
    this.grids = grids;
    this.damages = damages;
    this.cost = cost;
    this.most = most;
    this.at = Arrays.stream(grids).mapToInt(grid -> grid.length - 1).toArray();
    this.widths = Arrays.stream(grids).mapToInt(grid -> grid[grid.length - 1]).toArray();
    this.below = new int[grids.length][];
    Arrays.setAll(below, g -> hull(grids[g], damages[g]));
    this.spent = cost.of(widths);
  }

  /**
   * The widths.
   *
   * @param grids the widths that each group may have, rising, at least one each
   * @param damages of each of them; never rising with the width
   * @param most what the widths may cost
   * @return nothing where even the smallest widths cost more
   */
  public static Optional<int[]> of(int[][] grids, double[][] damages, Cost cost, long most) {
    GlobalAllocation down = new GlobalAllocation(grids, damages, cost, most);
    if (!down.shrink()) {
      return Optional.empty();
    }
    GlobalAllocation up = new GlobalAllocation(grids, damages, cost, most);
    for (int g = 0; g < grids.length; g++) {
      up.move(g, 0);
    }
    for (GlobalAllocation allocation : List.of(down, up)) {
      allocation.spend();
      allocation.trade();
    }
    return Optional.of(up.total() < down.total() ? up.widths : down.widths);
  }

  /** For each point, the lower point to which the damage rises least for each channel. */
  private static int[] hull(int[] grid, double[] damage) {
    int[] below = new int[grid.length];
    for (int from = grid.length - 1; from > 0; from--) {
      double least = Double.POSITIVE_INFINITY;
      for (int to = from - 1; to >= 0; to--) {
        double slope = (damage[to] - damage[from]) / (grid[from] - grid[to]);
        if (slope <= least) {
          least = slope;
          below[from] = to;
        }
      }
    }
    return below;
  }

  private void move(int group, int point) {
    long before = cost.part(group, widths);
    at[group] = point;
    widths[group] = grids[group][point];
    spent += cost.part(group, widths) - before;
  }

  /** How much a move adds to the cost. */
  private long added(int group, int point) {
    long before = cost.part(group, widths);
    int width = widths[group];
    widths[group] = grids[group][point];
    long after = cost.part(group, widths);
    widths[group] = width;
    return after - before;
  }

  private boolean shrink() {
    while (spent > most) {
      int best = -1;
      double least = Double.POSITIVE_INFINITY;
      for (int g = 0; g < at.length; g++) {
        if (at[g] > 0) {
          int to = below[g][at[g]];
          double price = (damages[g][to] - damages[g][at[g]]) / -added(g, to);
          if (price < least) {
            least = price;
            best = g;
          }
        }
      }
      if (best < 0) {
        return false;
      }
      move(best, below[best][at[best]]);
    }
    return true;
  }

  /** Grows what gains most for its cost while it fits. */
  private void spend() {
    int best;
    do {
      best = -1;
      double highest = -1;
      for (int g = 0; g < at.length; g++) {
        if (at[g] == grids[g].length - 1) {
          continue;
        }
        long added = added(g, at[g] + 1);
        double gain = (damages[g][at[g]] - damages[g][at[g] + 1]) / added;
        if (spent + added <= most && gain > highest) {
          highest = gain;
          best = g;
        }
      }
      if (best >= 0) {
        move(best, at[best] + 1);
      }
    } while (best >= 0);
  }

  /** One group grows by a point and another shrinks until that fits, while it helps. */
  private void trade() {
    for (int trades = 0; trades < MOST_TRADES; trades++) {
      int grow = -1;
      int shrink = -1;
      int to = -1;
      double best = 1e-12 * total();
      for (int g = 0; g < at.length; g++) {
        if (at[g] == grids[g].length - 1) {
          continue;
        }
        double gain = damages[g][at[g]] - damages[g][at[g] + 1];
        move(g, at[g] + 1);
        for (int h = 0; h < at.length; h++) {
          int point = h == g ? -1 : fitting(h, gain - best);
          if (point >= 0 && gain - (damages[h][point] - damages[h][at[h]]) > best) {
            best = gain - (damages[h][point] - damages[h][at[h]]);
            grow = g;
            shrink = h;
            to = point;
          }
        }
        move(g, at[g] - 1);
      }
      if (grow < 0) {
        return;
      }
      move(grow, at[grow] + 1);
      move(shrink, to);
      spend();
    }
  }

  /** The highest point at which the cost fits again, if that does less damage than this. */
  private int fitting(int group, double damage) {
    for (int point = at[group]; point >= 0; point--) {
      if (damages[group][point] - damages[group][at[group]] >= damage) {
        return -1;
      }
      if (spent + added(group, point) <= most) {
        return point;
      }
    }
    return -1;
  }

  private double total() {
    double sum = 0;
    for (int g = 0; g < at.length; g++) {
      sum += damages[g][at[g]];
    }
    return sum;
  }
}
