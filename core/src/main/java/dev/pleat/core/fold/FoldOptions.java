package dev.pleat.core.fold;

import dev.pleat.core.budget.Precision;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What to fold and how.
 *
 * @param target how small the model has to be
 * @param widths widths fixed by group name; these groups ignore the target
 * @param include globs of group names; when not empty, only matching groups fold
 * @param exclude globs of group names that must not fold
 * @param rounding what widths are rounded up to
 * @param allocation how the target is shared out among the groups
 * @param method how channels are reduced
 * @param repair how damaged statistics are repaired
 * @param seed the seed of everything random
 * @param heads share of the heads of attention to remove, in [0, 1), whatever the target
 * @param networks of which the model is the union, 1 for a model of its own; of a union, channel c
 *     of a group belongs to network c mod networks, and groups are clustered in network order, each
 *     with its inputs matched
 */
public record FoldOptions(
    Target target,
    Map<String, Integer> widths,
    List<String> include,
    List<String> exclude,
    Rounding rounding,
    Allocation allocation,
    Method method,
    Repair repair,
    long seed,
    double heads,
    int networks)
    implements Serializable {

  /** Copies the collections. */
  public FoldOptions {
    widths = Map.copyOf(widths);
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
  }

  /** Folding with every default but the target. */
  public static FoldOptions of(Target target) {
    return new FoldOptions(
        target,
        Map.of(),
        List.of(),
        List.of(),
        Rounding.NONE,
        Allocation.UNIFORM,
        Method.FOLD,
        Repair.AUTO,
        0L,
        0,
        1);
  }

  /** The target, the fixed widths and the rounding in one line, such as {@code channels 0.5}. */
  public String summary() {
    String text =
        switch (target) {
          case Target.Channels(double ratio) -> "channels " + ratio;
          case Target.Parameters(double ratio) -> "params " + ratio;
          case Target.Flops(double ratio) -> "flops " + ratio;
          case Target.Size(long bytes) -> "size " + bytes;
          case Target.SizeShare(double share) -> "size share " + share;
          case Target.Latency(double share) -> "latency " + share;
          case Target.Flash(long bytes, Precision precision) ->
              "flash " + bytes + " " + precision.name().toLowerCase(Locale.ROOT);
          case Target.Ram(long bytes, Precision precision) ->
              "ram " + bytes + " " + precision.name().toLowerCase(Locale.ROOT);
          case Target.Keep(double quality) -> "keep " + quality;
        };
    String fixed =
        new TreeMap<>(widths)
            .entrySet().stream()
                .map(e -> ", width " + e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining());
    String how = allocation == Allocation.UNIFORM ? "" : ", allocate " + allocation.spelling();
    String round =
        switch (rounding) {
          case Rounding.Auto auto -> ", round auto";
          case Rounding.Multiple(int multiple) -> multiple > 1 ? ", round " + multiple : "";
        };
    String whole = heads == 0 ? "" : ", heads " + heads;
    return text + whole + how + fixed + round;
  }

  /** The same options with another seed. */
  public FoldOptions withSeed(long other) {
    return new FoldOptions(
        target,
        widths,
        include,
        exclude,
        rounding,
        allocation,
        method,
        repair,
        other,
        heads,
        networks);
  }

  /**
   * The same options with another share of heads to remove.
   *
   * @param share in [0, 1)
   */
  public FoldOptions withHeads(double share) {
    return new FoldOptions(
        target,
        widths,
        include,
        exclude,
        rounding,
        allocation,
        method,
        repair,
        seed,
        share,
        networks);
  }

  /**
   * The same options for the union of some networks.
   *
   * @param count how many, at least 1
   */
  public FoldOptions ofUnion(int count) {
    return new FoldOptions(
        target, widths, include, exclude, rounding, allocation, method, repair, seed, heads, count);
  }

  /** The same options with other fixed widths. */
  public FoldOptions with(Map<String, Integer> other) {
    return new FoldOptions(
        target,
        other,
        include,
        exclude,
        rounding,
        allocation,
        method,
        repair,
        seed,
        heads,
        networks);
  }

  /** The same options for groups whose name matches one of these globs; for all without any. */
  public FoldOptions including(List<String> globs) {
    return new FoldOptions(
        target,
        widths,
        globs,
        exclude,
        rounding,
        allocation,
        method,
        repair,
        seed,
        heads,
        networks);
  }

  /** The same options but for groups whose name matches one of these globs. */
  public FoldOptions excluding(List<String> globs) {
    return new FoldOptions(
        target,
        widths,
        include,
        globs,
        rounding,
        allocation,
        method,
        repair,
        seed,
        heads,
        networks);
  }

  /** The same options with another method. */
  public FoldOptions with(Method other) {
    return new FoldOptions(
        target,
        widths,
        include,
        exclude,
        rounding,
        allocation,
        other,
        repair,
        seed,
        heads,
        networks);
  }

  /** The same options with another repair. */
  public FoldOptions with(Repair other) {
    return new FoldOptions(
        target,
        widths,
        include,
        exclude,
        rounding,
        allocation,
        method,
        other,
        seed,
        heads,
        networks);
  }

  /** The same options with another target. */
  public FoldOptions with(Target other) {
    return new FoldOptions(
        other,
        widths,
        include,
        exclude,
        rounding,
        allocation,
        method,
        repair,
        seed,
        heads,
        networks);
  }

  /** The same options with another allocation. */
  public FoldOptions with(Allocation other) {
    return new FoldOptions(
        target, widths, include, exclude, rounding, other, method, repair, seed, heads, networks);
  }

  /** The same options with another rounding. */
  public FoldOptions with(Rounding other) {
    return new FoldOptions(
        target, widths, include, exclude, other, allocation, method, repair, seed, heads, networks);
  }

  /** The multiple that widths are rounded up to; 1 as long as it is not found. */
  public int round() {
    return rounding instanceof Rounding.Multiple(int multiple) ? multiple : 1;
  }
}
