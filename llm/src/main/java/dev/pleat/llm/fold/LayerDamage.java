package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.budget.Damage;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.llm.repair.DamageWalk;
import java.util.List;

/** What folding the feed-forward blocks of single layers does, by the text of the repair. */
final class LayerDamage {
  private LayerDamage() {}

  /**
   * The damage of families, the feed-forward ones of one layer each; that of attention is 0.
   *
   * @param families with layers that do not fall
   * @throws PleatException when the fold is not repaired
   */
  static Damage of(
      List<WidthFamily> families,
      CheckpointFoldRequest request,
      OpenModel model,
      CheckpointRepair repair,
      Progress progress) {
    if (!repair.strategy().fits()) {
      throw PleatException.naming(
          "%s measures layers as %s leaves them, but nothing is repaired (%s); give %s, or use %s",
          Allocation.GLOBAL.setting(),
          Repair.SELF.setting(),
          repair.strategy().reason(),
          Repair.SELF.setting(),
          Allocation.UNIFORM.setting());
    }
    CheckpointRepair.Inputs inputs = repair.inputs().orElseThrow();
    DamageWalk walk =
        new DamageWalk(inputs.model(), inputs.text(), request.options().seed(), request.threads());
    double[][] damages = new double[families.size()][];
    progress.begin("measure", damages.length);
    for (int f = 0; f < damages.length; f++) {
      WidthFamily family = families.get(f);
      damages[f] =
          family.isAttention()
              ? new double[family.width() + 1]
              : walk.damage(family.groups(), new LayerTensors(model.checkpoint()));
      progress.step();
    }
    return (family, k) -> damages[family][k];
  }
}
