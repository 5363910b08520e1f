package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.budget.Damage;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Stopwatch;

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
    if (request.options().allocation() == Allocation.UNIFORM) {
      FoldPlan plan =
          watch.time("trace", () -> FoldPlan.of(request, model, families -> Damage.UNKNOWN));
      boolean folds =
          plan.foldsFeedForwards()
              || plan.foldsHeads() && request.options().method() == Method.FOLD;
      return new PlannedFold(
          plan,
          watch.time(
              "repair", () -> CheckpointRepair.choose(request, model, folds, text, progress)));
    }
    return watch.time("repair", () -> byDamage(request, model, progress));
  }

  private static PlannedFold byDamage(
      CheckpointFoldRequest request, OpenModel model, Progress progress) {
    CheckpointRepair repair = CheckpointRepair.choose(request, model, true, true, progress);
    FoldPlan plan =
        FoldPlan.of(
            request, model, families -> LayerDamage.of(families, request, model, repair, progress));
    return new PlannedFold(plan, repair);
  }
}
