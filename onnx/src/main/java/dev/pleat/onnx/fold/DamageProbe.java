package dev.pleat.onnx.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.budget.Damage;
import dev.pleat.core.fold.PredictedDamage;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.invert.StepCost;
import dev.pleat.onnx.quality.Judge;
import dev.pleat.onnx.quality.Judgement;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Measures what folding each group by itself does to the outputs, after the repair that the fold
 * gets and on its inputs: a few widths each, repaired where channels went and judged on inputs that
 * were held out. Where that is too much work, only some groups are measured, spread over the
 * network.
 */
final class DamageProbe {
  private static final double[] KEPT = {0.75, 0.5, 0.25};

  /** Where three widths of each group are too much work, each is measured at one. */
  private static final double[] KEPT_OF_MANY = {0.5};

  /**
   * What all runs together may take: about a minute on two usual cores. Counted, not timed, so that
   * the widths are the same on every machine.
   */
  private static final double MOST_WORK = 1.2e13;

  private static final int MOST_FITTED = 64;
  private static final int MOST_JUDGING = 48;

  /** Inputs to fit on and to judge by at least, */
  private static final int FEWEST_FITTED = 32;

  private static final int FEWEST_JUDGING = 16;

  /** fewer where one of them has many values, which tell as much as several of few; */
  private static final long ENOUGH_VALUES = 1L << 22;

  /** but so many. */
  private static final int FEWEST = 4;

  /** Larger inputs, than a picture of 1280 by 1280 with three colours, are not run so often. */
  private static final long MOST_VALUES = 5_000_000;

  /** Operations that each value of an input costs at least, a memory access each way. */
  private static final int OPERATIONS_OF_VALUE = 1000;

  /** For outputs that are no numbers any more. */
  private static final double RUINED = 1e6;

  private final CandidateFolds folds;
  private final Judge judge;
  private final double[] kept;
  private final int every;

  private DamageProbe(CandidateFolds folds, Judge judge, double[] kept, int every) {
    this.folds = folds;
    this.judge = judge;
    this.kept = kept;
    this.every = every;
  }

  /**
   * The damage of every group by width.
   *
   * @param folds how the model is folded
   * @param held inputs that nothing is fitted to
   * @throws PleatException when the model does not run, or its outputs tell nothing on these
   *     inputs, or one of them is too large to be run often
   */
  static Damage measure(CandidateFolds folds, CalibrationInputs held, Progress progress) {
    TracedModel traced = folds.traced();
    int groups = traced.groups().size();
    double most = MOST_WORK / (groups * runWork(traced, held));
    long values = Math.max(1, values(held));
    if (values > MOST_VALUES) {
      throw new PleatException("an input has %,d values".formatted(values));
    }
    int fewestFitted = (int) Math.clamp(ENOUGH_VALUES / values, FEWEST, FEWEST_FITTED);
    int fewestJudging = (int) Math.clamp(ENOUGH_VALUES / values, FEWEST, FEWEST_JUDGING);
    // The original and the folded model on what is fitted, the folded model on what judges.
    double least = 2.0 * fewestFitted + fewestJudging;
    double[] kept = most >= KEPT.length * least ? KEPT : KEPT_OF_MANY;
    int every = (int) Math.clamp(Math.ceil(least / most), 1, groups);
    double each = most * every / kept.length;
    int fitted = (int) Math.clamp(each / 3, fewestFitted, MOST_FITTED);
    int judging = (int) Math.clamp(each / 3, fewestJudging, MOST_JUDGING);
    CandidateFolds cheap =
        folds.inputs().map(inputs -> folds.on(JudgedInputs.some(inputs, fitted))).orElse(folds);
    try (Judge judge =
        Judge.of(traced.model(), JudgedInputs.some(held, judging), folds.threads())) {
      return new DamageProbe(cheap, judge, kept, every).measure(progress);
    }
  }

  /** Of one input. */
  private static long values(CalibrationInputs inputs) {
    return inputs.batch(0, 1).values().stream()
        .mapToLong(v -> TensorValue.elements(v.shape()))
        .sum();
  }

  /**
   * What one run on one input takes: two operations a parameter where it cannot be counted, and
   * what reading the input takes at least, since what a recurrent layer does at each step is not
   * counted.
   *
   * @param input as many as there are, of which the first is looked at
   */
  static double runWork(TracedModel traced, CalibrationInputs input) {
    double work = StepCost.of(traced.trace()).forwardWork();
    double counted = work > 0 ? work : 2.0 * traced.sizes().original().parameters();
    return Math.max(counted, (double) values(input) * OPERATIONS_OF_VALUE);
  }

  private Damage measure(Progress progress) {
    List<ChannelGroup> groups = folds.traced().groups();
    folds.redundancy().prepare(Progress.SILENT);
    int first = every / 2;
    progress.begin("measure", Math.ceilDiv(groups.size() - first, every) * kept.length);
    List<List<PredictedDamage.Measured>> measured = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      ChannelGroup group = groups.get(g);
      List<PredictedDamage.Measured> points = new ArrayList<>();
      for (double share : g % every == first ? kept : new double[0]) {
        int each = (int) Math.round(share * group.width() / group.partitions());
        int k = Math.max(1, each) * group.partitions();
        points.add(new PredictedDamage.Measured(k, k < group.width() ? damage(g, k) : 0));
        progress.step();
      }
      measured.add(points);
    }
    return PredictedDamage.of(folds.redundancy(), measured);
  }

  private double damage(int group, int k) {
    int[] widths = folds.traced().groups().stream().mapToInt(ChannelGroup::width).toArray();
    widths[group] = k;
    Judgement judgement = judge.judge(folds.probe(widths).proto(Map.of()), Progress.SILENT);
    if (!judgement.isMeasured()) {
      throw new PleatException(
          "its outputs tell nothing on %s".formatted(judge.inputs().description()));
    }
    return Math.min(RUINED, judgement.damage());
  }
}
