package dev.pleat.core.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.group.ChannelGroup;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/**
 * Chooses how many channels each group keeps: one share for all groups, the widths of the user
 * apart.
 */
public final class Widths {
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
   * @param size parameters and bytes of the model by width
   * @param overheadBytes bytes of the written file that are no weights
   * @throws PleatException when the target cannot be met; the message says the nearest
   */
  public int[] choose(SizeModel size, long overheadBytes) {
    return switch (options.target()) {
      case Target.Channels(double ratio) -> kept(ratio);
      case Target.Parameters(double ratio) -> {
        long most = (long) Math.floor(size.original().parameters() * (1 - ratio));
        int[] kept = smallest(k -> size.totals(k).parameters(), most);
        if (kept.length == 0) {
          long least = size.totals(kept(1)).parameters();
          throw new PleatException(
              "--params %s asks for at most %d parameters, but the smallest widths leave %d; the nearest is --params %s"
                  .formatted(
                      ratio,
                      most,
                      least,
                      floor(1 - (double) least / size.original().parameters())));
        }
        yield kept;
      }
      case Target.Size(long bytes) -> {
        int[] kept = smallest(k -> size.totals(k).bytes() + overheadBytes, bytes);
        if (kept.length == 0) {
          throw new PleatException(
              "--size asks for at most %d bytes, but the smallest widths leave about %d; the nearest is --size %dKB"
                  .formatted(
                      bytes,
                      size.totals(kept(1)).bytes() + overheadBytes,
                      (size.totals(kept(1)).bytes() + overheadBytes) / 1000 + 1));
        }
        yield kept;
      }
    };
  }

  private static String floor(double ratio) {
    return String.format(Locale.ROOT, "%.4f", Math.floor(ratio * 1e4) / 1e4);
  }

  /** The widest choice that measures at most this much, empty when none does. */
  private int[] smallest(ToLongFunction<int[]> measure, long most) {
    if (measure.applyAsLong(kept(1)) > most) {
      return new int[0];
    }
    double low = 0;
    double high = 1;
    if (measure.applyAsLong(kept(0)) <= most) {
      return kept(0);
    }
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (measure.applyAsLong(kept(middle)) <= most) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return kept(high);
  }

  /** Widths when this share of the channels of each selected group goes. */
  private int[] kept(double ratio) {
    int[] kept = new int[groups.size()];
    Arrays.setAll(kept, g -> kept(groups.get(g), selected[g] ? ratio : 0));
    return kept;
  }

  private int kept(ChannelGroup group, double ratio) {
    Integer fixed = options.widths().get(group.name());
    if (fixed != null) {
      return fixed;
    }
    int each = group.width() / group.partitions();
    long wanted = Math.max(1, Math.round(each * (1 - ratio))) * group.partitions();
    int multiple = rounding.applyAsInt(group);
    long step = (long) multiple * group.partitions() / gcd(multiple, group.partitions());
    long rounded = (wanted + step - 1) / step * step;
    return (int) Math.min(rounded, group.width());
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
