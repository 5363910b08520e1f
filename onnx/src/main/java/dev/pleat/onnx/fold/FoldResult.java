package dev.pleat.onnx.fold;

import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.Agreement;
import dev.pleat.core.report.Budget;
import dev.pleat.core.report.Change;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.FootprintChange;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.report.Quality;
import dev.pleat.core.report.Seconds;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.quality.Judgement;
import dev.pleat.onnx.quality.Verdict;
import dev.pleat.onnx.repair.RepairPlan;
import dev.pleat.onnx.request.InputSource;
import dev.pleat.onnx.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a fold did, put together into its report. */
record FoldResult(
    FileFoldRequest request,
    SharedWork.Proof proof,
    CandidateFolds folds,
    Candidate candidate,
    RepairPlan plan,
    WidthPlanner.Planned planned) {

  /**
   * The report.
   *
   * @param bytes of both files
   * @param judgements on each kind of inputs; none for a dry run
   * @param inputs that they were made on
   * @param watch wall-clock seconds of the stages apart from those of the candidate
   */
  FoldReport report(
      Change bytes,
      Optional<Budget> budget,
      List<Judgement> judgements,
      JudgedInputs inputs,
      Stopwatch watch) {
    TracedModel traced = candidate.traced();
    List<GroupReport> groups = new ArrayList<>(candidate.groups());
    long frozenChannels = 0;
    for (Trace.Frozen frozen : traced.trace().frozen()) {
      groups.add(GroupReport.frozen(frozen.name(), frozen.width(), frozen.reason()));
      frozenChannels += frozen.width();
    }
    long before = traced.groups().stream().mapToLong(group -> group.width()).sum() + frozenChannels;
    long after = Arrays.stream(candidate.widths()).asLongStream().sum() + frozenChannels;
    SizeModel sizes = folds.traced().sizes();
    SizeModel.Totals original = sizes.original();
    SizeModel.Totals folded = sizes.totals(candidate.widths());
    Optional<Change> flops =
        traced.trace().work().isPresent()
            ? Optional.of(new Change(original.flops(), folded.flops()))
            : Optional.empty();
    Stopwatch inner = candidate.outcome().watch();
    return new FoldReport(
        request.input().toString(),
        request.dryRun() ? "" : request.output().toString(),
        plan.strategy().method().spelling(),
        plan.strategy().repair().spelling(),
        plan.strategy().explanation(),
        plan.inputs().map(CalibrationInputs::description).orElse(""),
        agreement(judgements),
        request.dryRun() ? Optional.empty() : Optional.of(quality(judgements, inputs)),
        request.options().seed(),
        new Change(original.parameters(), folded.parameters()),
        bytes,
        flops,
        new Change(before, after),
        groups,
        proof.verification(),
        new Seconds(
            watch.seconds("read"),
            watch.seconds("trace"),
            inner.seconds("gram"),
            inner.seconds("cluster"),
            inner.seconds("merge"),
            inner.seconds("repair") + watch.seconds("repair"),
            watch.seconds("write"),
            watch.seconds("verify"),
            watch.seconds("plan")),
        (request.options().target() instanceof Target.Keep
                ? Allocation.GLOBAL
                : request.options().allocation())
            .spelling(),
        planned.round(),
        planned.roundReason(),
        budget,
        List.of(),
        Optional.of(
            new FootprintChange(
                Footprints.of(folds.traced(), sizes.widths()),
                Footprints.of(folds.traced(), candidate.widths()))));
  }

  private static Optional<Agreement> agreement(List<Judgement> judgements) {
    return judgements.stream().findFirst().flatMap(Judgement::agreement);
  }

  private Quality quality(List<Judgement> judgements, JudgedInputs inputs) {
    boolean made = request.source() instanceof InputSource.Made;
    TargetForecast forecast = new TargetForecast(folds, candidate);
    return Verdict.of(
        judgements, made, inputs.obstacle(), inputs.caution(), () -> forecast.option(judgements));
  }
}
