package dev.pleat.onnx.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.budget.Damage;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.PredictedDamage;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Redundancy;
import dev.pleat.core.fold.Rounding;
import dev.pleat.core.fold.Strategy;
import dev.pleat.core.fold.Target;
import dev.pleat.core.fold.Widths;
import dev.pleat.core.report.Budget;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the widths of a fold, and measures what that needs. */
final class WidthPlanner {
  private static final Logger LOG = LoggerFactory.getLogger(WidthPlanner.class);

  private final TracedModel traced;
  private final SizeModel sizes;
  private final FoldOptions options;
  private final Strategy strategy;
  private final Map<String, long[]> inputShapes;
  private final int threads;
  private final Progress progress;
  private final Supplier<Damage> measuring;

  /**
   * A planner.
   *
   * @param strategy how the model is folded
   * @param inputShapes shapes of inputs by name where the model leaves dimensions open
   * @param measuring measures the damage of each group, where the allocation asks for it
   */
  WidthPlanner(
      TracedModel traced,
      FoldOptions options,
      Strategy strategy,
      Map<String, long[]> inputShapes,
      int threads,
      Progress progress,
      Supplier<Damage> measuring) {
    this.traced = traced;
    this.sizes = traced.sizes();
    this.options = options;
    this.strategy = strategy;
    this.inputShapes = inputShapes;
    this.threads = threads;
    this.progress = progress;
    this.measuring = measuring;
  }

  /**
   * What was chosen.
   *
   * @param widths channels that each group keeps
   * @param round the multiple that widths were rounded up to
   * @param roundReason why, empty where it was given
   * @param budget what the target allows and what is predicted of the widths
   */
  record Planned(int[] widths, int round, String roundReason, Optional<Budget> budget) {

    /** Widths that were looked for elsewhere. */
    static Planned found(int[] widths, int round) {
      return new Planned(widths, round, "", Optional.empty());
    }
  }

  /**
   * The widths for the options' target.
   *
   * @throws PleatException when it cannot be met, or what it needs cannot be measured
   */
  Planned plan() {
    return plan(damage());
  }

  /** The same by a damage that is known already. */
  Planned plan(Damage damage) {
    if (options.rounding() instanceof Rounding.Multiple(int multiple)
        && !(options.target() instanceof Target.Latency)) {
      return counted(options, damage, "");
    }
    try (WidthTrial trial = WidthTrial.open(traced, inputShapes, threads)) {
      FoldOptions rounded = options;
      String reason = "";
      if (options.rounding() instanceof Rounding.Auto) {
        RoundingTrial.Choice choice =
            new RoundingTrial(trial, progress)
                .choose(multiple -> widths(probing(options.with(multiple)), damage));
        rounded = options.with(choice.rounding());
        reason = choice.reason();
      }
      return rounded.target() instanceof Target.Latency(double share)
          ? timed(new LatencySearch(trial, share, progress), rounded, damage, reason)
          : counted(rounded, damage, reason);
    }
  }

  private Planned counted(FoldOptions chosen, Damage damage, String reason) {
    Widths widths = new Widths(traced.groups(), chosen);
    int[] kept = widths.choose(sizes, FoldPipeline.overhead(traced, sizes), damage);
    return new Planned(
        kept,
        chosen.round(),
        reason,
        widths.budget(sizes, FoldPipeline.overhead(traced, sizes), kept));
  }

  private Planned timed(LatencySearch search, FoldOptions chosen, Damage damage, String reason) {
    SizeModel.Totals least = sizes.totals(new Widths(traced.groups(), chosen).smallest());
    SizeModel.Totals full = sizes.original();
    boolean counted = full.flops() > 0;
    // One more than the least, so that rounding cannot put it out of reach.
    double removable =
        1
            - (counted
                ? (least.flops() + 1.0) / full.flops()
                : (least.parameters() + 1.0) / full.parameters());
    LatencySearch.Found found =
        search.run(share -> widths(chosen.with(proxy(share * removable)), damage));
    return new Planned(found.widths(), chosen.round(), reason, Optional.of(found.budget()));
  }

  private int[] widths(FoldOptions chosen, Damage damage) {
    return new Widths(traced.groups(), chosen)
        .choose(sizes, FoldPipeline.overhead(traced, sizes), damage);
  }

  /** What stands for a latency while only the rounding is looked for. */
  private FoldOptions probing(FoldOptions chosen) {
    return chosen.target() instanceof Target.Latency(double share)
        ? chosen.with(proxy(1 - share))
        : chosen;
  }

  /** Latency falls with the operations, or where they cannot be counted with the parameters. */
  private Target proxy(double removed) {
    return sizes.original().flops() > 0
        ? new Target.Flops(removed)
        : new Target.Parameters(removed);
  }

  /** What the allocation goes by: measured where the model runs. */
  Damage damage() {
    if (options.allocation() == Allocation.UNIFORM && !(options.target() instanceof Target.Keep)) {
      return Damage.UNKNOWN;
    }
    try {
      return measuring.get();
    } catch (PleatException e) {
      LOG.warn(
          "channels go by the weights alone, since their damage cannot be measured: {}",
          e.getMessage());
      return PredictedDamage.of(
          Redundancy.of(traced.tensors(), traced.groups(), strategy, 0, threads));
    }
  }
}
