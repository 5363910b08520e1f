package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Redundancy;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.report.Budget;
import dev.pleat.core.report.Change;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.report.Seconds;
import dev.pleat.core.report.Verification;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.ModelWriter;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.StagedOutput;
import dev.pleat.onnx.repair.RepairPlan;
import dev.pleat.onnx.repair.RepairPlanner;
import dev.pleat.onnx.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** One fold of one file, stage by stage. */
public final class FoldPipeline {
  /** Room for the provenance that the output carries, by group beside its name and once. */
  private static final int BYTES_PER_GROUP = 48;

  private static final int BYTES_OF_PROVENANCE = 1024;

  private final FoldRequest request;
  private final Progress progress;
  private final ClusterObserver observer;
  private final SharedWork shared;
  private final Stopwatch watch = new Stopwatch();

  private FoldPipeline(
      FoldRequest request, Progress progress, ClusterObserver observer, SharedWork shared) {
    this.request = request;
    this.progress = progress;
    this.observer = observer;
    this.shared = shared;
  }

  /** Folds as {@link dev.pleat.onnx.OnnxFolding#fold} says. */
  public static FoldReport run(
      FoldRequest request, Progress progress, ClusterObserver observer, SharedWork shared) {
    return new FoldPipeline(request, progress, observer, shared).run();
  }

  private FoldReport run() {
    RepairPlanner.check(request.options().repair(), request.source());
    progress.begin("read", 1);
    Folding.prepare();
    OnnxModel model = watch.time("read", () -> shared.model(request.input()));
    CompletableFuture<String> hash = shared.hash(request.input());
    if (request.dryRun()) {
      return fold(model, hash, Optional.empty());
    }
    try (StagedOutput stage =
        StagedOutput.open(request.input(), request.output(), request.force())) {
      return fold(model, hash, Optional.of(stage));
    }
  }

  private TracedModel traced(OnnxModel model) {
    progress.begin("trace", 1);
    TracedModel traced =
        watch.time(
            "trace", () -> TracedModel.of(model, request.inputShapes(), request.threads()));
    return request.options().heads() > 0 ? traced : traced.withoutHeads();
  }

  private FoldReport fold(
      OnnxModel model, CompletableFuture<String> hash, Optional<StagedOutput> stage) {
    Optional<Verifier> verifier =
        stage
            .filter(s -> request.verify())
            .map(s -> watch.time("verify", () -> verifier(model, s)));
    SharedWork.Proof proof = shared.proof(() -> proof(model, verifier));
    TracedModel traced = proof.traced();
    SizeModel sizes = traced.sizes();
    WidthPlanner.Planned planned = planned(traced);
    int[] widths = planned.widths();
    RepairPlan plan = watch.time("repair", () -> plan(model));
    FoldOptions options = request.options().with(plan.repair());
    TensorOverlay tensors = new TensorOverlay(traced.tensors());
    TensorOverlay unread = new TensorOverlay(traced.tensors());
    Stopwatch first = new Stopwatch();
    Redundancy redundancy = shared.redundancy(traced, options, request.threads(), first);
    Folding.Outcome outcome =
        Folding.fold(
            tensors,
            plan.repair() == Repair.LEAST_SQUARES ? Optional.of(unread) : Optional.empty(),
            redundancy,
            widths,
            options,
            request.threads(),
            progress,
            observer);
    outcome.watch().add(first);
    RepairStage repaired =
        watch.time(
            "repair",
            () ->
                RepairStage.run(
                    traced, plan, outcome, tensors, unread, request.threads(), progress));
    long bytes = traced.model().bytes();
    long written = sizes.totals(widths).bytes() + overhead(traced, sizes);
    Optional<Budget> budget = planned.budget();
    if (stage.isPresent()) {
      Map<String, String> provenance =
          watch.time(
              "write",
              () -> Provenance.of(request.input(), hash.join(), request.options(), outcome));
      Written output =
          write(repaired.traced(), tensors, outcome, provenance, budget, stage.get(), verifier);
      written = output.bytes();
      budget = output.budget();
    }
    return report(
        repaired,
        plan,
        sizes,
        planned,
        budget,
        outcome,
        new Change(bytes, written),
        proof.verification());
  }

  private Verifier verifier(OnnxModel model, StagedOutput stage) {
    progress.begin("verify", 1);
    return new Verifier(model, stage, request.inputShapes(), request.threads());
  }

  private RepairPlan plan(OnnxModel model) {
    return new RepairPlanner(
            model,
            request.inputShapes(),
            request.samples(),
            request.threads(),
            shared.madeInputs(),
            progress)
        .plan(request.options(), request.source(), request.dryRun());
  }

  private SharedWork.Proof proof(OnnxModel model, Optional<Verifier> verifier) {
    TracedModel traced = traced(model);
    watch.time("read", traced::checkFinite);
    requireGroups(traced);
    if (verifier.isEmpty()) {
      return new SharedWork.Proof(traced, new Verification(false, 0, 0));
    }
    SharedWork.Proof proof = prove(traced, verifier.get());
    requireGroups(proof.traced());
    return proof;
  }

  /** Drops the groups that planted duplicates prove unsafe and checks the others. */
  private SharedWork.Proof prove(TracedModel traced, Verifier verifier) {
    return watch.time(
        "verify",
        () -> {
          List<Integer> all = IntStream.range(0, traced.groups().size()).boxed().toList();
          Verifier.Difference difference = verifier.duplicates(traced, all);
          Map<Integer, Double> unsafe = verifier.unsafe(traced, all, difference);
          if (unsafe.isEmpty()) {
            return new SharedWork.Proof(
                traced, new Verification(true, verifier.ratioZero(traced), difference.folding()));
          }
          Map<Integer, String> reasons = new HashMap<>();
          unsafe.forEach((group, by) ->
              reasons.put(
                  group,
                  "folding planted duplicates of its channels changed the outputs by %.2g"
                      .formatted(by)));
          TracedModel safe = traced.without(reasons);
          List<Integer> left = IntStream.range(0, safe.groups().size()).boxed().toList();
          return new SharedWork.Proof(
              safe,
              new Verification(
                  true, verifier.ratioZero(safe), verifier.duplicates(safe, left).folding()));
        });
  }

  private void requireGroups(TracedModel traced) {
    if (traced.groups().isEmpty()) {
      throw NothingFolds.of(request.input(), traced.model(), traced.trace(), traced.obstacle());
    }
  }

  /** Bytes of the output that no width changes. */
  static long overhead(TracedModel traced, SizeModel sizes) {
    return traced.model().bytes()
        - sizes.original().bytes()
        + BYTES_OF_PROVENANCE
        + traced.groups().stream()
            .mapToLong(group -> BYTES_PER_GROUP + 2L * group.name().length())
            .sum();
  }

  private record Written(long bytes, Optional<Budget> budget) {}

  private Written write(
      TracedModel traced,
      TensorOverlay tensors,
      Folding.Outcome outcome,
      Map<String, String> provenance,
      Optional<Budget> budget,
      StagedOutput stage,
      Optional<Verifier> verifier) {
    progress.begin("write", 1);
    watch.time(
        "write",
        () -> {
          ModelProto proto = traced.rewrite(outcome.clusterings(), tensors, provenance);
          ModelWriter.write(traced.model(), proto, stage.model());
          return proto;
        });
    OnnxModel output = ModelReader.read(stage.model());
    Optional<Budget> achieved =
        watch.time(
            "verify",
            () ->
                budget.map(b ->
                    Achieved.in(
                        output, b, request.input(), request.inputShapes(), request.threads())));
    verifier.ifPresent(v ->
        watch.time(
            "verify",
            () -> {
              v.output(stage.model());
              return v;
            }));
    // External data is looked for where the output still is.
    Written written = new Written(output.bytes(), achieved);
    stage.commit();
    return written;
  }

  private WidthPlanner.Planned planned(TracedModel traced) {
    return watch.time(
        "plan",
        () ->
            new WidthPlanner(
                    traced, request.options(), request.inputShapes(), request.threads(), progress)
                .plan());
  }

  private static String reason(RepairPlan plan, Folding.Outcome outcome) {
    String reason = plan.reason().isEmpty() ? outcome.repairReason() : plan.reason();
    return plan.obstacle().isEmpty()
        ? reason
        : "%s (no least squares: %s)".formatted(reason, plan.obstacle());
  }

  private FoldReport report(
      RepairStage repaired,
      RepairPlan plan,
      SizeModel sizes,
      WidthPlanner.Planned planned,
      Optional<Budget> budget,
      Folding.Outcome outcome,
      Change bytes,
      Verification verification) {
    TracedModel traced = repaired.traced();
    int[] widths = planned.widths();
    List<GroupReport> groups = new ArrayList<>(repaired.groups());
    long frozenChannels = 0;
    for (Trace.Frozen frozen : traced.trace().frozen()) {
      groups.add(GroupReport.frozen(frozen.name(), frozen.width(), frozen.reason()));
      frozenChannels += frozen.width();
    }
    long before = traced.groups().stream().mapToLong(group -> group.width()).sum() + frozenChannels;
    long after = Arrays.stream(widths).asLongStream().sum() + frozenChannels;
    SizeModel.Totals original = sizes.original();
    SizeModel.Totals folded = sizes.totals(widths);
    Optional<Change> flops =
        traced.trace().work().isPresent()
            ? Optional.of(new Change(original.flops(), folded.flops()))
            : Optional.empty();
    Stopwatch inner = outcome.watch();
    return new FoldReport(
        request.input().toString(),
        request.dryRun() ? "" : request.output().toString(),
        request.options().method().name().toLowerCase(Locale.ROOT),
        outcome.repair().spelling(),
        reason(plan, outcome),
        plan.inputs().map(CalibrationInputs::description).orElse(""),
        repaired.agreement(),
        request.options().seed(),
        new Change(original.parameters(), folded.parameters()),
        bytes,
        flops,
        new Change(before, after),
        groups,
        verification,
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
        request.options().allocation().spelling(),
        planned.round(),
        planned.roundReason(),
        budget,
        List.of());
  }
}
