package dev.pleat.cli;

import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How small the model is to become, and which of its groups may shrink. */
@Command
final class TargetOptions {

  /** At most one of these. */
  private static final class OneTarget {
    @Option(
        names = "--channels",
        paramLabel = "R",
        order = 10,
        converter = Converters.Ratio.class,
        description = "Remove this share of the channels of each group, in [0, 1).")
    private Optional<Double> channels = Optional.empty();

    @Option(
        names = "--params",
        paramLabel = "R",
        order = 11,
        converter = Converters.Ratio.class,
        description = "Remove at least this share of all parameters, in [0, 1).")
    private Optional<Double> parameters = Optional.empty();

    @Option(
        names = "--size",
        paramLabel = "SIZE",
        order = 12,
        converter = Converters.ByteSize.class,
        description = "Make the file no larger than this: 20MB, 1.5GiB (B, KB, MB, GB, KiB, ...).")
    private Optional<Long> size = Optional.empty();

    Optional<Target> target() {
      return channels
          .<Target>map(Target.Channels::new)
          .or(() -> parameters.map(Target.Parameters::new))
          .or(() -> size.map(Target.Size::new));
    }
  }

  @ArgGroup(exclusive = true)
  private OneTarget oneTarget = new OneTarget();

  @Option(
      names = "--width",
      paramLabel = "GROUP=K",
      converter = {Converters.GroupName.class, Converters.Positive.class},
      order = 13,
      description = "Fold this group to K channels, whatever the target. Repeatable.")
  private Map<String, Integer> widths = new LinkedHashMap<>();

  @Option(
      names = "--include",
      paramLabel = "GLOB",
      order = 14,
      description = "Fold only groups whose name matches. Repeatable.")
  private List<String> include = new ArrayList<>();

  @Option(
      names = "--exclude",
      paramLabel = "GLOB",
      order = 15,
      description = "Leave groups alone whose name matches. Repeatable.")
  private List<String> exclude = new ArrayList<>();

  @Option(
      names = "--round",
      paramLabel = "N",
      order = 16,
      converter = Converters.Positive.class,
      description =
          "Round widths up to a multiple of N. Default: 1; for directories what loaders like.")
  private Optional<Integer> round = Optional.empty();

  /** The multiple that widths are rounded up to, if one was given. */
  Optional<Integer> round() {
    return round;
  }

  /** The options of a fold, or nothing when neither a target nor a width was given. */
  Optional<FoldOptions> folding(Method method, Repair repair, long seed) {
    return oneTarget
        .target()
        .or(() -> widths.isEmpty() ? Optional.empty() : Optional.of(new Target.Channels(0)))
        .map(target ->
            new FoldOptions(
                target,
                widths,
                include,
                exclude,
                round.orElse(1),
                Allocation.UNIFORM,
                method,
                repair,
                seed));
  }
}
