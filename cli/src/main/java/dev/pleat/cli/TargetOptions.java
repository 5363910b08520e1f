package dev.pleat.cli;

import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
        names = "--flops",
        paramLabel = "R",
        order = 11,
        converter = Converters.Ratio.class,
        description =
            "Remove at least this share of the operations of a run, in [0, 1). .onnx files "
                + "only.")
    private Optional<Double> flops = Optional.empty();

    @Option(
        names = "--size",
        paramLabel = "SIZE",
        order = 12,
        converter = Converters.FileSize.class,
        description =
            "Make the file no larger than this: 20MB, 1.5GiB (B, KB, MB, GB, KiB, ...), or "
                + "this share of the original: 25%%.")
    private Optional<Target> size = Optional.empty();

    @Option(
        names = "--flash",
        paramLabel = "SIZE",
        order = 12,
        converter = Converters.FlashSize.class,
        description =
            "Let the weights take at most this much as floats of 4 bytes, or with 64KB:int8 as "
                + "bytes (vectors such as biases as floats). .onnx files only.")
    private Optional<Target.Flash> flash = Optional.empty();

    @Option(
        names = "--ram",
        paramLabel = "SIZE",
        order = 12,
        converter = Converters.RamSize.class,
        description =
            "Let the activations that are alive at once take at most this much for one sample, "
                + "32KB or 32KB:int8. .onnx files only.")
    private Optional<Target.Ram> ram = Optional.empty();

    @Option(
        names = "--latency-budget",
        paramLabel = "R",
        order = 12,
        converter = Converters.Share.class,
        description =
            "Let one run take at most this share of the original's time, measured here with "
                + "one sample, in (0, 1]. .onnx files only.")
    private Optional<Double> latency = Optional.empty();

    @Option(
        names = "--keep",
        paramLabel = "Q",
        order = 12,
        converter = Converters.Quality.class,
        description =
            "The smallest model whose quality on inputs that nothing was fitted to stays at or "
                + "above this, in (0, 1]: the share of inputs that a classifier puts in the same "
                + "class, else fidelity. .onnx files only. Default without any target: 0.98.")
    private Optional<Double> quality = Optional.empty();

    Optional<Target> target() {
      return channels
          .<Target>map(Target.Channels::new)
          .or(() -> parameters.map(Target.Parameters::new))
          .or(() -> flops.map(Target.Flops::new))
          .or(() -> size)
          .or(() -> flash)
          .or(() -> ram)
          .or(() -> latency.map(Target.Latency::new))
          .or(() -> quality.map(Target.Keep::new));
    }
  }

  @ArgGroup(exclusive = true)
  private OneTarget oneTarget = new OneTarget();

  @Option(
      names = "--allocate",
      paramLabel = "HOW",
      order = 13,
      converter = Converters.AllocationName.class,
      description =
          "uniform (default): every group loses the same share; global: channels go where "
              + "that hurts the outputs least, by measuring.")
  private Allocation allocation = Allocation.UNIFORM;

  @Option(
      names = "--width",
      paramLabel = "GROUP=K",
      converter = {Converters.GroupName.class, Converters.Positive.class},
      order = 13,
      description = "Fold this group to K channels, whatever the target. Repeatable.")
  private Map<String, Integer> widths = new LinkedHashMap<>();

  @Option(
      names = "--heads",
      paramLabel = "R",
      order = 17,
      converter = Converters.Ratio.class,
      description =
          "Also remove this share of the heads of attention, in [0, 1): of directories the "
              + "key/value heads with their query heads. Equal ones merge; of others the smallest "
              + "go, or with --repair self those that give least to the outputs.")
  private Optional<Double> heads = Optional.empty();

  @Mixin private GroupChoice groups = new GroupChoice();

  /** The share of the heads to remove. */
  Optional<Double> heads() {
    return heads;
  }

  /** The multiple that widths are rounded up to, if one was given. */
  Optional<Integer> round() {
    return groups.multiple();
  }

  /** The options of a fold, or nothing when neither a target, a width nor heads were given. */
  Optional<FoldOptions> folding(Method method, Repair repair, long seed) {
    return oneTarget
        .target()
        .or(() ->
            widths.isEmpty() && heads.isEmpty()
                ? Optional.empty()
                : Optional.of(new Target.Channels(0)))
        .map(target -> folding(target, method, repair, seed));
  }

  /** The options of a fold to another target than those that can be given. */
  FoldOptions folding(Target target, Method method, Repair repair, long seed) {
    return new FoldOptions(
        target,
        widths,
        groups.include(),
        groups.exclude(),
        groups.rounding(),
        allocation,
        method,
        repair,
        seed,
        heads.orElse(0.0),
        1);
  }
}
