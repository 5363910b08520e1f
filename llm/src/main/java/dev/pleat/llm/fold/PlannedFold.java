package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.Setting;
import dev.pleat.core.budget.Damage;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.fold.Target;
import dev.pleat.llm.architecture.ConfigField;
import dev.pleat.llm.repair.LayerElimination;
import dev.pleat.llm.request.LayerTarget;
import java.util.List;

/**
 * The widths of a fold and how it is repaired. Widths that the target alone decides come first, and
 * the repair needs to know whether any falls; widths that go by damage need the repair's text.
 */
record PlannedFold(FoldPlan plan, CheckpointRepair repair) {

  /**
   * Plans a fold.
   *
   * @param text whether the repair's text is wanted; widths that go by damage need it anyway
   * @throws PleatException when the target cannot be met or the repair is not possible
   */
  static PlannedFold of(
      CheckpointFoldRequest request,
      OpenModel model,
      boolean text,
      Stopwatch watch,
      Progress progress) {
    int layers = model.facts().positive(ConfigField.LAYERS);
    LayerCut none = LayerCut.none(layers);
    if (request.layers() instanceof LayerTarget.Best || removed(request, layers) > 0) {
      return watch.time("repair", () -> withoutLayers(request, model, layers, progress));
    }
    if (request.options().allocation() == Allocation.UNIFORM) {
      FoldPlan plan =
          watch.time("trace", () -> FoldPlan.of(request, model, none, families -> Damage.UNKNOWN));
      boolean folds =
          plan.foldsFeedForwards()
              || plan.foldsHeads() && request.options().method() == Method.FOLD;
      return new PlannedFold(
          plan,
          watch.time(
              "repair", () -> CheckpointRepair.choose(request, model, folds, text, progress)));
    }
    return watch.time("repair", () -> byDamage(request, model, none, progress));
  }

  private static PlannedFold byDamage(
      CheckpointFoldRequest request, OpenModel model, LayerCut none, Progress progress) {
    CheckpointRepair repair = CheckpointRepair.choose(request, model, true, true, progress);
    FoldPlan plan =
        FoldPlan.of(
            request,
            model,
            none,
            families -> LayerDamage.of(families, request, model, repair, progress));
    return new PlannedFold(plan, repair);
  }

  /** How many layers are to go, as far as that is asked for. */
  private static int removed(CheckpointFoldRequest request, int layers) {
    int removed =
        switch (request.layers()) {
          case LayerTarget.Count(int count) -> count;
          case LayerTarget.Share(double share) -> (int) Math.round(share * layers);
          case LayerTarget.Best best -> 0;
        };
    if (removed >= layers) {
      throw PleatException.naming(
          "%s asks for %d of %d layers to go, and at least one has to stay; give at most %d",
          Setting.of("layers"), removed, layers, layers - 1);
    }
    return removed;
  }

  private static PlannedFold withoutLayers(
      CheckpointFoldRequest request, OpenModel model, int layers, Progress progress) {
    FoldOptions options = request.options();
    if (options.allocation() != Allocation.UNIFORM) {
      throw PleatException.naming(
          "%s goes with one width for all layers: leave out %s",
          Setting.of("layers"), Allocation.GLOBAL.setting());
    }
    if (request.layers() instanceof LayerTarget.Best
        && !(options.target() instanceof Target.Parameters)) {
      throw PleatException.naming(
          "%s shares a budget of parameters out, and there is none; give %s, or a number of layers",
          Setting.of("layers", "auto"), Setting.of("params", "R"));
    }
    if (request.layers() instanceof LayerTarget.Best && !CheckpointRepair.writes(model)) {
      throw new PleatException(
          "--layers auto tries mixtures out by what each predicts next, and %s is an encoder; give a number of layers"
              .formatted(request.input()));
    }
    ConfigLayers.requireFree(model.facts(), layers);
    CheckpointRepair repair = CheckpointRepair.choose(request, model, true, true, progress);
    if (!repair.strategy().fits()) {
      throw PleatException.naming(
          "%s removes the layers that a text misses least and fits the others to make up for them, but nothing is repaired (%s); give %s, or a text with %s",
          Setting.of("layers"),
          repair.strategy().reason(),
          Repair.SELF.setting(),
          Setting.of("data"));
    }
    if (options.target() instanceof Target.Parameters budget
        && request.layers() instanceof LayerTarget.Best) {
      return new PlannedFold(
          new BudgetShares(request, model, repair).best(budget, progress), repair);
    }
    CheckpointRepair.Inputs inputs = repair.inputs().orElseThrow();
    List<Integer> gone =
        new LayerElimination(inputs.model(), inputs.text(), model.parameters(), request.threads())
            .order(removed(request, layers), progress)
            .layers();
    return new PlannedFold(
        FoldPlan.of(request, model, new LayerCut(layers, gone), families -> Damage.UNKNOWN),
        repair);
  }
}
