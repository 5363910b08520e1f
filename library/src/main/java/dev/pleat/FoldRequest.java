package dev.pleat;

import dev.pleat.core.PleatException;
import dev.pleat.core.Setting;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Rounding;
import dev.pleat.core.fold.Target;
import dev.pleat.onnx.output.OutputCheck;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One fold of one model. Requests never change: each method gives another one, which differs in
 * that.
 *
 * @param <R> the request of one kind of model
 */
public abstract sealed class FoldRequest<R extends FoldRequest<R>> permits FileFold, DirectoryFold {

  /**
   * What both kinds have.
   *
   * @param target empty as long as nobody says how small the model has to be
   * @param rounding empty as long as nobody says what widths are rounded up to
   * @param options all other choices; their target, heads and rounding do not count
   */
  record Settings(
      Path input,
      Optional<Path> output,
      Optional<Target> target,
      Optional<Double> heads,
      Optional<Rounding> rounding,
      FoldOptions options,
      int threads,
      boolean dryRun,
      boolean force,
      boolean verify) {

    static Settings of(Path input, Optional<Path> output) {
      return new Settings(
          input,
          output,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          FoldOptions.of(new Target.Channels(0)),
          Runtime.getRuntime().availableProcessors(),
          false,
          false,
          true);
    }

    Settings with(Target other) {
      return new Settings(
          input,
          output,
          Optional.of(other),
          heads,
          rounding,
          options,
          threads,
          dryRun,
          force,
          verify);
    }

    Settings with(FoldOptions other) {
      return new Settings(
          input, output, target, heads, rounding, other, threads, dryRun, force, verify);
    }

    Settings with(Optional<Double> otherHeads, Optional<Rounding> otherRounding) {
      return new Settings(
          input,
          output,
          target,
          otherHeads,
          otherRounding,
          options,
          threads,
          dryRun,
          force,
          verify);
    }

    Settings with(int otherThreads, boolean plans, boolean replaces, boolean runs) {
      return new Settings(
          input, output, target, heads, rounding, options, otherThreads, plans, replaces, runs);
    }

    FoldOptions optionsFor(Target wanted) {
      return options.with(wanted).withHeads(heads.orElse(0.0)).with(rounding.orElse(Rounding.NONE));
    }
  }

  private final Settings settings;

  FoldRequest(Settings settings) {
    this.settings = settings;
  }

  Settings settings() {
    return settings;
  }

  /** The same request with other settings of those that both kinds have. */
  abstract R with(Settings other);

  /**
   * How small the model becomes when no target, width or share of heads says so.
   *
   * @throws PleatException when somebody has to say so
   */
  abstract Target usualTarget();

  /** The files that the fold reads, and the output that it writes. */
  public abstract OutputCheck outputs();

  /**
   * Refuses a request that lacks what a fold needs, before any file is read.
   *
   * @throws PleatException when there is no target and a model of this kind has no usual one, or
   *     nowhere to write and the fold is no dry run
   */
  public void requireComplete() {
    options();
    if (settings.output.isEmpty() && !settings.dryRun) {
      throw PleatException.naming(
          "no output: name the file to write with %s, or use %s",
          Setting.of("output", "OUT"), Setting.on("dry-run"));
    }
  }

  /** What is folded and how, with the usual target where none is given. */
  public FoldOptions options() {
    return planned().orElseGet(() -> settings.optionsFor(usualTarget()));
  }

  /** The same as far as it is said what is to become smaller, or nothing. */
  Optional<FoldOptions> planned() {
    boolean some = !settings.options.widths().isEmpty() || settings.heads.isPresent();
    return settings
        .target
        .or(() -> some ? Optional.of(new Target.Channels(0)) : Optional.empty())
        .map(settings::optionsFor);
  }

  /** The model to read. */
  public Path input() {
    return settings.input;
  }

  /** Where to write. */
  public Optional<Path> output() {
    return settings.output;
  }

  /** Threads to use. */
  public int threads() {
    return settings.threads;
  }

  /** Whether nothing is written. */
  public boolean dryRun() {
    return settings.dryRun;
  }

  /** Whether an existing output is replaced. */
  public boolean force() {
    return settings.force;
  }

  /** Whether the result is run to check it. */
  public boolean verify() {
    return settings.verify;
  }

  /** Removes this share of the channels of each group, in [0, 1). */
  public R channels(double share) {
    return with(settings.with(new Target.Channels(share)));
  }

  /** Removes at least this share of all parameters, in [0, 1). */
  public R params(double share) {
    return with(settings.with(new Target.Parameters(share)));
  }

  /** Removes at least this share of the operations of a run, in [0, 1), where they are counted. */
  public R flops(double share) {
    return with(settings.with(new Target.Flops(share)));
  }

  /** Makes the written model no larger than this many bytes. */
  public R size(long bytes) {
    return with(settings.with(new Target.Size(bytes)));
  }

  /** Makes the written model no larger than this share of the original, in (0, 1]. */
  public R sizeShare(double share) {
    return with(settings.with(new Target.SizeShare(share)));
  }

  /** Removes this share of the heads of attention, in [0, 1), whatever the target. */
  public R heads(double share) {
    return with(settings.with(Optional.of(share), settings.rounding));
  }

  /** Folds this group to so many channels, whatever the target. */
  public R width(String group, int channels) {
    Map<String, Integer> widths = new TreeMap<>(settings.options.widths());
    widths.put(group, channels);
    return with(settings.with(settings.options.with(widths)));
  }

  /** Folds only groups whose name matches one of these globs; all when there are none. */
  public R include(List<String> globs) {
    return with(settings.with(settings.options.including(globs)));
  }

  /** Leaves groups alone whose name matches one of these globs. */
  public R exclude(List<String> globs) {
    return with(settings.with(settings.options.excluding(globs)));
  }

  /** Rounds widths up to a multiple of this, at least 1. */
  public R round(int multiple) {
    return round(new Rounding.Multiple(multiple));
  }

  /** Rounds widths up. */
  public R round(Rounding rounding) {
    return with(settings.with(settings.heads, Optional.of(rounding)));
  }

  /** Shares the target out among the groups in this way. */
  public R allocate(Allocation allocation) {
    return with(settings.with(settings.options.with(allocation)));
  }

  /** Reduces channels by this method. */
  public R method(Method method) {
    return with(settings.with(settings.options.with(method)));
  }

  /** Repairs what that damages in this way. */
  public R repair(Repair repair) {
    return with(settings.with(settings.options.with(repair)));
  }

  /** The seed of everything random. */
  public R seed(long seed) {
    return with(settings.with(settings.options.withSeed(seed)));
  }

  /** Uses so many threads, at least 1; the result does not depend on it. */
  public R threads(int count) {
    return with(settings.with(count, settings.dryRun, settings.force, settings.verify));
  }

  /** Whether to plan and report, and write nothing. */
  public R dryRun(boolean only) {
    return with(settings.with(settings.threads, only, settings.force, settings.verify));
  }

  /** Whether to replace an existing output. */
  public R force(boolean replacing) {
    return with(settings.with(settings.threads, settings.dryRun, replacing, settings.verify));
  }

  /** Whether to run the result to check it; it is unless somebody says otherwise. */
  public R verify(boolean running) {
    return with(settings.with(settings.threads, settings.dryRun, settings.force, running));
  }
}
