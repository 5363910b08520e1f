package dev.pleat.onnx.fold;

import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Redundancy;
import dev.pleat.core.fold.Strategy;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.repair.FoldedModel;
import dev.pleat.onnx.repair.SequentialRepair;
import dev.pleat.onnx.repair.VarianceRatios;
import dev.pleat.onnx.request.InputSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Folds one traced model to any widths, always the same way: cluster, merge, repair.
 *
 * @param traced the model
 * @param options of the fold
 * @param strategy how it is done
 * @param redundancy for this strategy
 * @param inputs that the repair is fitted to, where it runs the network
 * @param activity what channels do on those inputs, found once
 * @param threads threads to use
 */
record CandidateFolds(
    TracedModel traced,
    FoldOptions options,
    Strategy strategy,
    Redundancy redundancy,
    Optional<CalibrationInputs> inputs,
    KnownActivity activity,
    int threads) {

  /**
   * Folds of a model on some inputs.
   *
   * @param source where these are from
   */
  static CandidateFolds of(
      TracedModel traced,
      FoldOptions options,
      Strategy strategy,
      Redundancy redundancy,
      Optional<CalibrationInputs> inputs,
      InputSource source,
      int threads) {
    KnownActivity activity =
        new KnownActivity(traced, strategy.ofUnion(options.networks()), inputs, source, threads);
    return new CandidateFolds(traced, options, strategy, redundancy, inputs, activity, threads);
  }

  /** The same on other inputs. */
  CandidateFolds on(CalibrationInputs others) {
    return new CandidateFolds(
        traced, options, strategy, redundancy, inputs.map(unused -> others), activity, threads);
  }

  /** Whether layers are fitted to inputs by least squares. */
  boolean fits() {
    return inputs.isPresent() && strategy.fits();
  }

  /** Folds and repairs in full. */
  Candidate at(int[] widths, Progress progress, ClusterObserver observer) {
    return at(widths, SequentialRepair.Scope.ALL, progress, observer);
  }

  /** Shows the clusters of some widths, which are the same whenever they are found. */
  void show(int[] widths, ClusterObserver observer) {
    if (observer != ClusterObserver.NONE) {
      TensorOverlay tensors = new TensorOverlay(traced.tensors());
      Folding.fold(
          tensors,
          Optional.empty(),
          redundancy,
          widths,
          strategy.ofUnion(options.networks()),
          activity.get(),
          options.seed(),
          threads,
          Progress.SILENT,
          observer);
    }
  }

  /** Folds and repairs only what reads or makes channels that went, as cheaply as possible. */
  Candidate probe(int[] widths) {
    return at(widths, SequentialRepair.Scope.NARROWED, Progress.SILENT, ClusterObserver.NONE);
  }

  private Candidate at(
      int[] widths, SequentialRepair.Scope scope, Progress progress, ClusterObserver observer) {
    boolean fit = fits();
    TensorOverlay tensors = new TensorOverlay(traced.tensors());
    TensorOverlay unread = new TensorOverlay(traced.tensors());
    Folding.Outcome outcome =
        Folding.fold(
            tensors,
            fit ? Optional.of(unread) : Optional.empty(),
            redundancy,
            widths,
            strategy.ofUnion(options.networks()),
            activity.get(),
            options.seed(),
            threads,
            progress,
            observer);
    if (inputs.isEmpty()) {
      return new Candidate(widths, traced, outcome, tensors, outcome.groups());
    }
    FoldedModel folded =
        new FoldedModel(
            traced.model(),
            traced.tensors(),
            traced.trace(),
            outcome.clusterings(),
            traced.rewrite(outcome.clusterings(), tensors, Map.of()),
            tensors,
            unread);
    SequentialRepair.Outcome repaired =
        outcome
            .watch()
            .time(
                "repair",
                () -> SequentialRepair.run(folded, inputs.get(), fit, scope, threads, progress));
    return new Candidate(
        widths,
        traced.with(repaired.trace()),
        outcome,
        tensors,
        groups(outcome.groups(), repaired.ratios()));
  }

  private static List<GroupReport> groups(
      List<GroupReport> folded, Map<Integer, VarianceRatios> measured) {
    List<GroupReport> groups = new ArrayList<>();
    for (int g = 0; g < folded.size(); g++) {
      VarianceRatios ratios = measured.get(g);
      GroupReport group = folded.get(g);
      groups.add(
          ratios == null ? group : group.withVarianceRatios(ratios.before(), ratios.after()));
    }
    return groups;
  }
}
