package dev.pleat.onnx.fold;

import dev.pleat.core.budget.Damage;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.PredictedDamage;
import dev.pleat.core.fold.Target;
import dev.pleat.core.fold.Widths;
import dev.pleat.onnx.quality.Judgement;
import dev.pleat.onnx.quality.Verdict;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Predicts the largest target that a model would bear, from what a larger one was seen to do:
 * damage goes with the square of the objective, as {@link PredictedDamage} has it.
 *
 * @param folds how the model was folded
 * @param candidate what came of it
 */
record TargetForecast(CandidateFolds folds, Candidate candidate) {
  private static final int HALVINGS = 12;

  /** Less than a hundredth is not worth a fold. */
  private static final double LEAST = 0.01;

  /** The target as an option, rounded down; nothing where hardly any would be borne. */
  Optional<String> option(List<Judgement> judgements) {
    Optional<Judgement> worst =
        judgements.stream()
            .filter(Judgement::isMeasured)
            .min(Comparator.comparingDouble(Judgement::value));
    if (worst.isEmpty()) {
      return Optional.empty();
    }
    Damage damage = PredictedDamage.of(folds.redundancy());
    double allowed = total(damage, candidate.widths()) * bearable(worst.get());
    boolean channels = folds.options().target() instanceof Target.Channels;
    double low = 0;
    double high = channels ? removed(candidate.widths()) : removedParameters();
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (total(damage, widths(channels, middle, damage)) <= allowed) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double rounded = Math.floor(low * 100) / 100;
    return rounded < LEAST
        ? Optional.empty()
        : Optional.of(
            String.format(Locale.ROOT, "%s %.2f", channels ? "--channels" : "--params", rounded));
  }

  /** The share of the damage that would leave a useful model. */
  private static double bearable(Judgement judgement) {
    double lost = 1 - Verdict.USEFUL;
    double error = Math.min(1, lost / Math.max(judgement.damage(), lost));
    // Classes change with the size of an error, fidelity with its square.
    return judgement
        .top1()
        .map(top1 -> Math.min(error, Math.pow(lost / Math.max(1 - top1, lost), 2)))
        .orElse(error);
  }

  private int[] widths(boolean channels, double ratio, Damage damage) {
    Target target = channels ? new Target.Channels(ratio) : new Target.Parameters(ratio);
    FoldOptions options = folds.options().with(target);
    SizeModel sizes = folds.traced().sizes();
    return new Widths(folds.traced().groups(), options)
        .choose(sizes, FoldPipeline.overhead(folds.traced(), sizes), damage);
  }

  private static double total(Damage damage, int[] widths) {
    double sum = 0;
    for (int g = 0; g < widths.length; g++) {
      sum += damage.of(g, widths[g]);
    }
    return sum;
  }

  private double removed(int[] widths) {
    long full = folds.traced().groups().stream().mapToLong(group -> group.width()).sum();
    return 1 - (double) java.util.Arrays.stream(widths).asLongStream().sum() / full;
  }

  private double removedParameters() {
    SizeModel sizes = folds.traced().sizes();
    return 1
        - (double) sizes.totals(candidate.widths()).parameters() / sizes.original().parameters();
  }
}
