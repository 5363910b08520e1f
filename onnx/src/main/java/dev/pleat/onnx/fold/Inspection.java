package dev.pleat.onnx.fold;

import dev.pleat.core.budget.Damage;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Redundancy;
import dev.pleat.core.fold.Strategy;
import dev.pleat.core.fold.Target;
import dev.pleat.core.fold.Widths;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.report.InspectReport;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.repair.MadeInputs;
import dev.pleat.onnx.repair.RepairPlan;
import dev.pleat.onnx.repair.RepairPlanner;
import dev.pleat.onnx.request.InputSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Describes the groups of one file. */
public final class Inspection {
  private static final double[] SHARES = {0.25, 0.5};

  private Inspection() {}

  /** Inspects as {@link dev.pleat.onnx.OnnxFolding#inspect} says. */
  public static InspectReport run(
      Path input, Optional<FoldOptions> planned, int threads, Map<String, long[]> inputShapes) {
    OnnxModel model = ModelReader.read(input);
    FoldOptions options = planned.orElse(FoldOptions.of(new Target.Channels(0)));
    RunLimit.check(model, inputShapes);
    TracedModel whole = TracedModel.of(model, inputShapes, threads);
    TracedModel traced = options.heads() > 0 ? whole : whole.withoutHeads();
    traced.checkFinite();
    boolean measured =
        options.allocation() == Allocation.GLOBAL || options.target() instanceof Target.Keep;
    try (RepairPlan plan = plan(model, traced, options, inputShapes, threads, measured)) {
      WidthPlanner planner =
          new WidthPlanner(
              traced,
              options,
              plan.strategy(),
              inputShapes,
              threads,
              Progress.SILENT,
              () -> damage(model, traced, options, plan, inputShapes, threads));
      return report(input, model, traced, options, plan.strategy(), planner, threads);
    }
  }

  private static InspectReport report(
      Path input,
      OnnxModel model,
      TracedModel traced,
      FoldOptions options,
      Strategy strategy,
      WidthPlanner planner,
      int threads) {
    Damage damage = planner.damage();
    int[] widths = planner.plan(damage).widths();
    Map<Double, int[]> choices = choices(traced, options, damage);
    SizeModel sizes = traced.sizes();
    SizeModel.Totals totals = sizes.original();
    List<ChannelGroup> groups = traced.groups();
    int[] full = groups.stream().mapToInt(ChannelGroup::width).toArray();
    Redundancy redundancy = Redundancy.of(traced.tensors(), groups, strategy, 0, threads);
    redundancy.prepare(Progress.SILENT);
    List<InspectReport.Group> described = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      ChannelGroup group = groups.get(g);
      int index = g;
      SizeModel.Totals own = sizes.totals(g, full);
      described.add(
          new InspectReport.Group(
              group.name(),
              group.width(),
              own.parameters(),
              traced.members(group),
              widths[g],
              redundancy.curve(g),
              traced.trace().work().map(work -> (double) own.flops() / totals.flops()),
              redundancy.knee(g),
              choices.entrySet().stream()
                  .map(c -> new InspectReport.Choice(c.getKey(), c.getValue()[index]))
                  .toList()));
    }
    return new InspectReport(
        input.toString(),
        totals.parameters(),
        model.bytes(),
        traced.trace().work().map(work -> totals.flops()),
        described,
        traced.trace().frozen().stream()
            .map(f -> new InspectReport.Frozen(f.name(), f.width(), f.reason()))
            .toList(),
        FoldableShares.of(traced),
        traced.groups().isEmpty()
            ? NothingFolds.why(traced.model(), traced.trace(), traced.obstacle())
            : traced.obstacle(),
        groups.isEmpty() ? "" : strategy.repair().spelling(),
        groups.isEmpty() ? "" : strategy.explanation(),
        Optional.of(Footprints.of(traced, full)));
  }

  /** As a fold without data resolves it. */
  private static RepairPlan plan(
      OnnxModel model,
      TracedModel traced,
      FoldOptions options,
      Map<String, long[]> inputShapes,
      int threads,
      boolean measured) {
    return new RepairPlanner(
            model,
            traced.groups(),
            traced.tensors(),
            inputShapes,
            OptionalInt.empty(),
            threads,
            new MadeInputs(),
            Progress.SILENT)
        .plan(options, new InputSource.Made(), measured);
  }

  /** As a fold without data measures it. */
  private static Damage damage(
      OnnxModel model,
      TracedModel traced,
      FoldOptions options,
      RepairPlan plan,
      Map<String, long[]> inputShapes,
      int threads) {
    try (JudgedInputs inputs = JudgedInputs.of(plan, model, inputShapes, options.seed(), threads)) {
      Strategy strategy = plan.strategy();
      Redundancy redundancy =
          Redundancy.of(traced.tensors(), traced.groups(), strategy, 0, threads);
      return DamageProbe.measure(
          CandidateFolds.of(
              traced,
              options,
              strategy,
              redundancy,
              inputs.fitted(),
              new InputSource.Made(),
              threads),
          inputs.held(),
          Progress.SILENT);
    }
  }

  /** What usual shares of all parameters would take, as far as they can be reached. */
  private static Map<Double, int[]> choices(
      TracedModel traced, FoldOptions options, Damage damage) {
    SizeModel sizes = traced.sizes();
    Map<Double, int[]> choices = new TreeMap<>();
    for (double removed : SHARES) {
      Widths widths = new Widths(traced.groups(), options.with(new Target.Parameters(removed)));
      long least = sizes.totals(widths.smallest()).parameters();
      if (least <= Math.floor(sizes.original().parameters() * (1 - removed))) {
        choices.put(removed, widths.choose(sizes, 0, damage));
      }
    }
    return choices;
  }
}
