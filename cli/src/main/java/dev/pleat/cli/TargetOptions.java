package dev.pleat.cli;

import dev.pleat.DirectoryFold;
import dev.pleat.FileFold;
import dev.pleat.FoldRequest;
import dev.pleat.core.fold.Allocation;
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

  /** The multiple that widths are rounded up to, if one was given. */
  Optional<Integer> round() {
    return groups.multiple();
  }

  /** The fold with what was given of these. */
  FileFold applyTo(FileFold fold) {
    return both(oneTarget.target().map(fold::target).orElse(fold));
  }

  /** The fold with what was given of these; targets of files were refused before. */
  DirectoryFold applyTo(DirectoryFold fold) {
    return both(
        oneTarget
            .target()
            .map(target ->
                switch (target) {
                  case Target.Channels(double share) -> fold.channels(share);
                  case Target.Parameters(double share) -> fold.params(share);
                  case Target.Flops(double share) -> fold.flops(share);
                  case Target.Size(long bytes) -> fold.size(bytes);
                  case Target.SizeShare(double share) -> fold.sizeShare(share);
                  case Target.Latency unused -> throw refusedBefore();
                  case Target.Flash unused -> throw refusedBefore();
                  case Target.Ram unused -> throw refusedBefore();
                  case Target.Keep unused -> throw refusedBefore();
                })
            .orElse(fold));
  }

  private static IllegalStateException refusedBefore() {
    return new IllegalStateException("a target of files for a directory");
  }

  private <R extends FoldRequest<R>> R both(R fold) {
    R told = groups.applyTo(fold).allocate(allocation);
    for (Map.Entry<String, Integer> width : widths.entrySet()) {
      told = told.width(width.getKey(), width.getValue());
    }
    return heads.isPresent() ? told.heads(heads.get()) : told;
  }
}
