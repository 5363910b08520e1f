package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.Setting;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FeatureSpace;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Strategy;
import dev.pleat.llm.repair.CalibrationText;
import dev.pleat.llm.repair.RepairWalk;
import dev.pleat.llm.run.Model;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The strategy of a fold of a checkpoint, and the text that it runs on. Real folds, dry runs and
 * inspections all resolve it here.
 *
 * @param strategy with the repair {@link Repair#SELF} or {@link Repair#NONE}
 * @param inputs what the model is run on, to repair it or to score its neurons; empty where it is
 *     not, or where nobody wants the text
 */
record CheckpointRepair(Strategy strategy, Optional<Inputs> inputs) {
  /** Most bytes of a model in 32-bit floats that writes text without having been asked to. */
  private static final long MOST_BYTES = 1L << 31;

  /** A model and the text that it is run on. */
  record Inputs(Model model, CalibrationText text) {
    private String description() {
      return text.description();
    }
  }

  /**
   * Resolves the strategy, and gets its text.
   *
   * @param folds whether any feed-forward block may become narrower
   * @param wanted whether the text is wanted, which does not change the strategy
   * @throws PleatException when the repair that is asked for is not possible
   */
  static CheckpointRepair choose(
      CheckpointFoldRequest request,
      OpenModel model,
      boolean folds,
      boolean wanted,
      Progress progress) {
    Method method = request.options().method();
    Repair asked = request.options().repair();
    if (asked != Repair.AUTO && asked != Repair.NONE && asked != Repair.SELF) {
      throw PleatException.naming(
          "%s works on networks of images; for a language model give self or none",
          asked.setting());
    }
    boolean given = request.data().isPresent();
    boolean scores = method == Method.WANDA && folds;
    if (asked == Repair.NONE && !scores) {
      if (given) {
        throw PleatException.naming(
            "%s is what %s runs the model on, and %s runs nothing; leave one of them out",
            Setting.of("data"), Repair.SELF.setting(), Repair.NONE.setting());
      }
      return none(method, "asked for");
    }
    if (!folds) {
      return without(method, asked, "no feed-forward block is folded");
    }
    if (scores && asked != Repair.SELF) {
      return run(
          request, model, wanted, progress, Repair.NONE, "a baseline is repaired only when asked");
    }
    if (asked == Repair.AUTO && !given && method != Method.FOLD) {
      return none(method, "a baseline is repaired only when --repair self asks for it");
    }
    long bytes = model.parameters() * Float.BYTES;
    if (asked == Repair.AUTO && !given && writes(model) && bytes > MOST_BYTES) {
      return none(
          method,
          "the model would need %.1f GiB of memory to write text; give --repair self, or a text with --data"
              .formatted((double) bytes / (1L << 30)));
    }
    String reason = asked == Repair.AUTO ? "the best" : "asked for";
    try {
      return run(request, model, wanted, progress, Repair.SELF, reason);
    } catch (PleatException e) {
      if (asked == Repair.SELF || given) {
        throw e;
      }
      return none(method, "the model cannot write text: %s".formatted(e.getMessage()));
    }
  }

  private static CheckpointRepair run(
      CheckpointFoldRequest request,
      OpenModel opened,
      boolean wanted,
      Progress progress,
      Repair repair,
      String reason) {
    Model model = Model.of(opened.checkpoint(), request.architecture());
    if (!wanted) {
      if (request.data().isEmpty() && writes(opened)) {
        CalibrationText.requireWriter(model, request.input());
      }
      return new CheckpointRepair(strategy(request, repair, reason), Optional.empty());
    }
    CalibrationText text = text(request, opened, model, progress);
    Inputs inputs = new Inputs(model, text);
    return new CheckpointRepair(
        strategy(request, repair, "%s, on %s".formatted(reason, inputs.description())),
        Optional.of(inputs));
  }

  /** Whether a model predicts tokens, as encoders do not. */
  static boolean writes(OpenModel model) {
    return model.facts().architecture().output().linear().isPresent();
  }

  private static CalibrationText text(
      CheckpointFoldRequest request, OpenModel opened, Model model, Progress progress) {
    Path directory = request.input();
    long parameters = opened.parameters();
    long seed = request.options().seed();
    if (request.data().isPresent()) {
      return CalibrationText.read(
          request.data().get(), directory, parameters, model.blueprint().context());
    }
    return writes(opened)
        ? CalibrationText.written(model, directory, parameters, seed, request.threads(), progress)
        : CalibrationText.sample(model.blueprint(), directory, parameters, seed);
  }

  private static Strategy strategy(CheckpointFoldRequest request, Repair repair, String reason) {
    return new Strategy(request.options().method(), FeatureSpace.FUNCTIONAL, repair, reason, "");
  }

  private static CheckpointRepair without(Method method, Repair asked, String obstacle) {
    if (asked == Repair.SELF) {
      throw PleatException.naming(
          "%s fits feed-forward blocks, but %s; give %s, or %s",
          Repair.SELF.setting(), obstacle, Setting.of("channels"), Repair.NONE.setting());
    }
    return none(method, obstacle);
  }

  private static CheckpointRepair none(Method method, String reason) {
    return new CheckpointRepair(
        Strategy.onWeights(method, Repair.NONE, reason, ""), Optional.empty());
  }

  /** What the model is run on, empty where it is not. */
  String description() {
    return inputs.map(Inputs::description).orElse("");
  }

  /** The walk that folds feed-forward blocks, where they are repaired or scored on a text. */
  Optional<RepairWalk> walk(CheckpointFoldRequest request, LayerCut cut, ClusterObserver observer) {
    long seed = request.options().seed();
    return inputs.map(i ->
        new RepairWalk(
            i.model(),
            i.text(),
            Set.copyOf(cut.removed()),
            strategy,
            seed,
            request.threads(),
            observer));
  }
}
