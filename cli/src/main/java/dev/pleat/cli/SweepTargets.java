package dev.pleat.cli;

import dev.pleat.core.fold.Target;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The targets that a sweep goes through; without any, three shares of the channels. */
@Command
final class SweepTargets {
  @Option(
      names = "--channels",
      split = ",",
      paramLabel = "R",
      order = 10,
      converter = Converters.Ratio.class,
      description =
          "Remove these shares of the channels of each group. Default: 0.25,0.5,0.7 if no target.")
  private List<Double> channels = new ArrayList<>();

  @Option(
      names = "--params",
      split = ",",
      paramLabel = "R",
      order = 11,
      converter = Converters.Ratio.class,
      description = "Remove at least these shares of all parameters.")
  private List<Double> parameters = new ArrayList<>();

  @Option(
      names = "--flops",
      split = ",",
      paramLabel = "R",
      order = 12,
      converter = Converters.Ratio.class,
      description = "Remove at least these shares of the operations of a run. .onnx files only.")
  private List<Double> flops = new ArrayList<>();

  @Option(
      names = "--size",
      split = ",",
      paramLabel = "SIZE",
      order = 13,
      converter = Converters.FileSize.class,
      description = "Make files no larger than these: 20MB, 1.5GiB, or 25%% of the original.")
  private List<Target> sizes = new ArrayList<>();

  /** The targets that were given. */
  List<Target> targets() {
    List<Target> targets = new ArrayList<>();
    channels.forEach(ratio -> targets.add(new Target.Channels(ratio)));
    parameters.forEach(ratio -> targets.add(new Target.Parameters(ratio)));
    flops.forEach(ratio -> targets.add(new Target.Flops(ratio)));
    targets.addAll(sizes);
    return targets;
  }
}
