package dev.pleat.core.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.budget.Damage;
import dev.pleat.core.budget.GlobalAllocation;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.budget.UniformAllocation;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.report.Budget;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/** Chooses how many channels each group keeps. The widths that the user fixes stay as they are. */
public final class Widths {
  /** Widths that are looked at, of a group and of all groups together. */
  private static final int MOST_POINTS = 256;

  private static final int POINTS_OF_ALL = 8192;

  private static final double[] MOST_REMOVED = {0.875, 0.9375, 0.96875, 1};

  private final List<ChannelGroup> groups;
  private final FoldOptions options;
  private final ToIntFunction<ChannelGroup> rounding;
  private final boolean[] selected;

  /**
   * Checks the options against the groups.
   *
   * @throws PleatException when a width names no group or is out of range, or a glob matches
   *     nothing
   */
  public Widths(List<ChannelGroup> groups, FoldOptions options) {
    this(groups, options, group -> options.round());
  }

  /**
   * Checks the options against the groups.
   *
   * @param rounding the multiple, at least 1, that the width of a group is rounded up to, instead
   *     of the one in the options
   * @throws PleatException when a width names no group or is out of range, or a glob matches
   *     nothing
   */
  public Widths(
      List<ChannelGroup> groups, FoldOptions options, ToIntFunction<ChannelGroup> rounding) {
    this.groups = groups;
    this.options = options;
    this.rounding = rounding;
    this.selected = new boolean[groups.size()];
    List<Glob> include = options.include().stream().map(this::glob).toList();
    List<Glob> exclude = options.exclude().stream().map(this::glob).toList();
    for (int g = 0; g < selected.length; g++) {
      String name = groups.get(g).name();
      selected[g] =
          (include.isEmpty() || include.stream().anyMatch(glob -> glob.matches(name)))
              && exclude.stream().noneMatch(glob -> glob.matches(name));
    }
    options.widths().forEach(this::checkWidth);
  }

  /**
   * Channels that each group keeps.
   *
   * @param size parameters, bytes and operations of the model by width
   * @param overheadBytes bytes of the written file that are no weights
   * @param damage what the allocation goes by; {@link Damage#UNKNOWN} serves a uniform one
   * @throws PleatException when the target cannot be met; the message says the nearest
   */
  public int[] choose(SizeModel size, long overheadBytes, Damage damage) {
    if (options.target() instanceof Target.Channels(double ratio)
        && options.allocation() == Allocation.UNIFORM) {
      return kept(ratio);
    }
    Limit limit = Limit.of(options.target(), size, overheadBytes);
    if (options.target() instanceof Target.Ram && options.allocation() == Allocation.GLOBAL) {
      throw new PleatException(
          "--ram is met with the same share of all groups: leave out --allocate global");
    }
    Optional<int[]> widths =
        switch (options.allocation()) {
          case UNIFORM ->
              UniformAllocation.of(this::kept, limit.cost(), limit.most())
                  .map(kept -> options.target() instanceof Target.Ram ? whole(kept, limit) : kept);
          case GLOBAL -> global(limit, damage);
        };
    return widths.orElseThrow(() -> limit.unreachable(limit.cost().of(smallest())));
  }

  /** Groups that are narrow in vain keep all of their channels, those behind most first. */
  private int[] whole(int[] kept, Limit limit) {
    int[] full = kept(0);
    int[] widths = kept.clone();
    for (int g = widths.length - 1; g >= 0; g--) {
      widths[g] = full[g];
      if (limit.cost().of(widths) > limit.most()) {
        widths[g] = kept[g];
      }
    }
    return widths;
  }

  /** The smallest widths that the options leave. */
  public int[] smallest() {
    return kept(1);
  }

  /**
   * What the target allows and what is predicted of some widths; empty for a share of each group's
   * channels and for what is measured.
   *
   * @param size as above
   * @param overheadBytes as above
   */
  public Optional<Budget> budget(SizeModel size, long overheadBytes, int[] widths) {
    if (options.target() instanceof Target.Latency
        || options.target() instanceof Target.Keep
        || (options.target() instanceof Target.Channels
            && options.allocation() == Allocation.UNIFORM)) {
      return Optional.empty();
    }
    Limit limit = Limit.of(options.target(), size, overheadBytes);
    return Optional.of(
        new Budget(
            limit.measure(),
            limit.full(),
            limit.most(),
            limit.cost().of(widths),
            Optional.empty()));
  }

  /** Folds no group to less than an eighth of its channels as long as others have more to give. */
  private Optional<int[]> global(Limit limit, Damage damage) {
    for (double removable : MOST_REMOVED) {
      int[][] grids = new int[groups.size()][];
      double[][] damages = new double[grids.length][];
      for (int g = 0; g < grids.length; g++) {
        int group = g;
        grids[g] = grid(groups.get(g), selected[g] ? removable : 0);
        damages[g] = Arrays.stream(grids[g]).mapToDouble(k -> damage.of(group, k)).toArray();
      }
      Optional<int[]> widths = GlobalAllocation.of(grids, damages, limit.cost(), limit.most());
      if (widths.isPresent()) {
        return widths;
      }
    }
    return Optional.empty();
  }

  /** The widths that a group may have, rising, when it may lose this share of its channels. */
  private int[] grid(ChannelGroup group, double removable) {
    boolean heads = group.kind() == ChannelGroup.Kind.HEAD;
    int least = kept(group, removable == 0 ? 0 : removed(group, removable));
    if (removable == 0 || heads || options.widths().containsKey(group.name())) {
      return new int[] {least};
    }
    int step = step(group);
    // Of very wide groups, not every width is worth a look.
    int points = Math.clamp(POINTS_OF_ALL / groups.size(), 16, MOST_POINTS);
    int wide = step * Math.ceilDiv(group.width() - least, step * points);
    return IntStream.concat(
            IntStream.iterate(least, k -> k < group.width(), k -> k + Math.max(step, wide)),
            IntStream.of(group.width()))
        .toArray();
  }

  /** Widths when this share of the channels of each selected group goes. */
  private int[] kept(double ratio) {
    int[] kept = new int[groups.size()];
    Arrays.setAll(kept, g -> kept(groups.get(g), selected[g] ? removed(groups.get(g), ratio) : 0));
    return kept;
  }

  /** Heads go by an option of their own. */
  private double removed(ChannelGroup group, double ratio) {
    return group.kind() == ChannelGroup.Kind.HEAD ? options.heads() : ratio;
  }

  private int kept(ChannelGroup group, double ratio) {
    Integer fixed = options.widths().get(group.name());
    if (fixed != null) {
      return fixed;
    }
    int each = group.width() / group.partitions();
    long wanted = Math.max(1, Math.round(each * (1 - ratio))) * group.partitions();
    long step = step(group);
    return (int) Math.min((wanted + step - 1) / step * step, group.width());
  }

  /** The least that divides all widths of a group but its own. */
  private int step(ChannelGroup group) {
    long multiple = group.kind() == ChannelGroup.Kind.HEAD ? 1 : rounding.applyAsInt(group);
    long step = multiple * group.partitions() / gcd((int) multiple, group.partitions());
    return (int) Math.min(step, group.width());
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  private void checkWidth(String name, int width) {
    ChannelGroup group =
        groups.stream()
            .filter(g -> g.name().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new PleatException(
                    "--width names the group '%s', but the foldable groups are %s"
                        .formatted(name, names())));
    if (width < 1 || width > group.width() || width % group.partitions() != 0) {
      throw new PleatException(
          "--width %s=%d: the group has %d channels, so give a width from %d to %d%s"
              .formatted(
                  name,
                  width,
                  group.width(),
                  group.partitions(),
                  group.width(),
                  group.partitions() == 1 ? "" : " that is a multiple of " + group.partitions()));
    }
  }

  private Glob glob(String text) {
    Glob glob = Glob.of(text);
    if (groups.stream().noneMatch(group -> glob.matches(group.name()))) {
      throw new PleatException(
          "'%s' matches no foldable group; there are %s".formatted(text, names()));
    }
    return glob;
  }

  private String names() {
    List<String> names = groups.stream().map(ChannelGroup::name).toList();
    return names.size() <= 12
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, 12))
            + ", … ("
            + names.size()
            + ", see 'pleat inspect')";
  }
}
