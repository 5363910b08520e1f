package dev.pleat.onnx.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.budget.Damage;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.fold.Target;
import dev.pleat.core.fold.Widths;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.quality.Judge;
import dev.pleat.onnx.quality.Judgement;
import dev.pleat.onnx.quality.Verdict;
import dev.pleat.onnx.repair.FitWork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the smallest model whose held-out quality stays at or above a wanted one: the damage of
 * each group says where channels go and makes the first guess, a few real folds correct it.
 */
final class KeepSearch {
  private static final int MOST_TRIALS = 7;

  private static final String TRIAL = "trial";

  /** Fewer find nothing, however long they take. */
  private static final int FEWEST_TRIALS = 3;

  /**
   * What the runs and fits of all trials together may take: one to three minutes on two usual
   * cores. Counted, not timed, so that the widths are the same on every machine.
   */
  private static final double MOST_WORK = 1e13;

  /** Shares of the parameters that are nearer than this are equally good. */
  private static final double FINE = 0.02;

  /** Steps in which a share of the parameters is found for a damage. */
  private static final int HALVINGS = 8;

  /** A guess is not trusted closer to either end than this share of what is in between. */
  private static final double INSIDE = 0.15;

  private final double wanted;
  private final CandidateFolds folds;
  private final JudgedInputs inputs;
  private final boolean made;
  private final Damage damage;
  private final Progress progress;
  private final SizeModel sizes;
  private final long overhead;
  private final double removable;
  private final int most;
  private final Stopwatch watch = new Stopwatch();
  private final List<Seen> tried = new ArrayList<>();

  /**
   * A search.
   *
   * @param wanted the quality to keep, in (0, 1]
   * @param folds how the model is folded
   * @param made whether the inputs were made without data
   * @param damage of each group by width, predicted
   */
  KeepSearch(
      double wanted,
      CandidateFolds folds,
      JudgedInputs inputs,
      boolean made,
      Damage damage,
      Progress progress) {
    this.wanted = wanted;
    this.folds = folds;
    this.inputs = inputs;
    this.made = made;
    this.damage = damage;
    this.progress = progress;
    this.sizes = folds.traced().sizes();
    this.overhead = FoldPipeline.overhead(folds.traced(), sizes);
    int[] smallest = new Widths(folds.traced().groups(), folds.options()).smallest();
    this.most = (int) Math.clamp(MOST_WORK / Math.max(1, trialWork()), FEWEST_TRIALS, MOST_TRIALS);
    this.removable =
        1 - (sizes.totals(smallest).parameters() + 1.0) / sizes.original().parameters();
  }

  /** Both networks run on what is fitted, the folded one on what judges; and kernels are fitted. */
  private double trialWork() {
    double runs = 2.0 * folds.inputs().map(CalibrationInputs::count).orElse(0);
    for (Judge judge : inputs.judges()) {
      runs += judge.inputs().count();
    }
    if (inputs.judges().isEmpty()) {
      return 0;
    }
    CalibrationInputs held = inputs.judges().getFirst().inputs();
    double fits = folds.fits() ? FitWork.of(folds.traced().model()) : 0;
    return runs * DamageProbe.runWork(folds.traced(), held) + fits;
  }

  /** What was found: the model, what the judges saw of it, and how many folds were tried. */
  record Found(Candidate candidate, List<Judgement> judgements, int trials) {}

  /** What a share of the parameters gave. */
  private record Seen(double share, double predicted, double quality) {}

  private record Trial(Seen seen, Candidate candidate, List<Judgement> judgements) {}

  /**
   * The smallest model that was found.
   *
   * @throws PleatException when nothing can be judged, or nothing saved
   */
  Found run() {
    double low = 0;
    double high = removable;
    double next = share(1 - wanted, low, high);
    Optional<Trial> best = Optional.empty();
    while (tried.size() < most && high - low > FINE * Math.max(low, FINE)) {
      Optional<Trial> made = trial(next);
      if (made.isEmpty()) {
        low = next;
        next = Math.min(high, next + INSIDE * (high - next) + FINE);
        if (next >= high) {
          break;
        }
        continue;
      }
      Trial trial = made.get();
      if (trial.seen.quality >= wanted) {
        low = trial.seen.share;
        best = made;
        if (low >= removable) {
          break;
        }
      } else {
        high = trial.seen.share;
      }
      next = next(trial, low, high);
      if (best.isEmpty() && tried.size() == most - 1) {
        // The last chance to save anything at all goes far enough.
        next = Math.min(next, (low + high) / 2);
      }
    }
    Trial found = best.orElseThrow(this::nothing);
    return new Found(found.candidate, found.judgements, tried.size());
  }

  /** Folds to a share of the parameters; nothing where no width changes. */
  private Optional<Trial> trial(double share) {
    int[] widths = widths(share);
    int[] full = folds.traced().groups().stream().mapToInt(ChannelGroup::width).toArray();
    if (Arrays.equals(widths, full)) {
      return Optional.empty();
    }
    progress.begin("trial %d of at most %d%s".formatted(tried.size() + 1, most, forecast()), 1);
    Candidate candidate = watch.time(TRIAL, () -> folds.at(widths, progress, ClusterObserver.NONE));
    List<Judgement> all =
        watch.time(TRIAL, () -> inputs.judge(candidate.proto(Map.of()), progress));
    List<Judgement> seen = all.stream().filter(Judgement::isMeasured).toList();
    if (seen.isEmpty()) {
      throw new PleatException(
          "--keep needs outputs that tell something of the inputs, and these do not (%s); give inputs of yours with --data, or a target such as --channels 0.1"
              .formatted(Verdict.unknown(all, inputs.obstacle())));
    }
    double quality = seen.stream().mapToDouble(kind -> kind.safe(made)).min().orElseThrow();
    tried.add(new Seen(share, predicted(widths), quality));
    return Optional.of(new Trial(tried.getLast(), candidate, seen));
  }

  /** What the trials that are left may take, from those that are over. */
  private String forecast() {
    double each = watch.seconds(TRIAL) / Math.max(1, tried.size());
    return tried.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT, ", at most %.0f s more", Math.ceil(each * (most - tried.size())));
  }

  private int[] widths(double share) {
    FoldOptions options =
        folds.options().with(new Target.Parameters(share)).with(Allocation.GLOBAL);
    return new Widths(folds.traced().groups(), options).choose(sizes, overhead, damage);
  }

  private double predicted(int[] widths) {
    double sum = 0;
    for (int g = 0; g < widths.length; g++) {
      sum += damage.of(g, widths[g]);
    }
    return sum;
  }

  /** The largest share of the parameters whose removal is predicted to do no more damage. */
  private double share(double most, double low, double high) {
    double below = low;
    double above = high;
    if (predicted(widths(high)) <= most) {
      return high;
    }
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (below + above) / 2;
      if (predicted(widths(middle)) <= most) {
        below = middle;
      } else {
        above = middle;
      }
    }
    return (below + above) / 2;
  }

  /** Corrects the prediction by what a trial lost, between the ends that are known. */
  private double next(Trial trial, double low, double high) {
    boolean classes = trial.judgements.getFirst().top1().isPresent();
    double lost = Math.max(1 - trial.seen.quality, (1 - wanted) / 16);
    // Classes change with the size of an error, fidelity with its square.
    double ratio = Math.pow((1 - wanted) / lost, classes ? 2 : 1);
    double guess = share(trial.seen.predicted * Math.clamp(ratio, 1e-4, 1e4), low, high);
    double margin = INSIDE * (high - low);
    boolean open = high >= removable;
    return Math.clamp(guess, low + margin, open ? high : high - margin);
  }

  private PleatException nothing() {
    String seen =
        tried.stream()
            .max(Comparator.comparingDouble(Seen::quality))
            .map(best ->
                String.format(
                    Locale.ROOT,
                    "the best that was seen is %.3f with %.1f %% of the parameters gone",
                    Math.floor(best.quality * 1000) / 1000,
                    100 * best.share))
            .orElse("no width could be reduced");
    return new PleatException(
        "nothing can be saved at --keep %s: %s; give a smaller --keep, inputs of yours with --data, or a target such as --channels 0.1"
            .formatted(wanted, seen));
  }
}
