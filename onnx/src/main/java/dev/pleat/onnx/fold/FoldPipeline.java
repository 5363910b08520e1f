package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.pleat.core.budget.Damage;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Redundancy;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.fold.Strategy;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.Budget;
import dev.pleat.core.report.Change;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.Verification;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.ModelWriter;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.output.StagedOutput;
import dev.pleat.onnx.quality.Judgement;
import dev.pleat.onnx.repair.RepairPlan;
import dev.pleat.onnx.repair.RepairPlanner;
import dev.pleat.onnx.request.InputSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** One fold of one file, stage by stage. */
public final class FoldPipeline {
  /** Room for the provenance that the output carries, by group beside its name and once. */
  private static final int BYTES_PER_GROUP = 48;

  private static final int BYTES_OF_PROVENANCE = 1024;

  private final FileFoldRequest request;
  private final Progress progress;
  private final ClusterObserver observer;
  private final SharedWork shared;
  private final Stopwatch watch = new Stopwatch();

  private FoldPipeline(
      FileFoldRequest request, Progress progress, ClusterObserver observer, SharedWork shared) {
    this.request = request;
    this.progress = progress;
    this.observer = observer;
    this.shared = shared;
  }

  /** Folds as {@link dev.pleat.onnx.OnnxFolding#fold} says. */
  public static FoldReport run(
      FileFoldRequest request, Progress progress, ClusterObserver observer, SharedWork shared) {
    return new FoldPipeline(request, progress, observer, shared).run();
  }

  private FoldReport run() {
    RepairPlanner.check(request.options(), request.source());
    if (request.dryRun()) {
      return read(Optional.empty());
    }
    // Whether the output can be written is known before any work.
    try (StagedOutput stage =
        StagedOutput.ofModel(request.inputs(), request.output(), request.force())) {
      return read(Optional.of(stage));
    }
  }

  private FoldReport read(Optional<StagedOutput> stage) {
    progress.begin("read", 1);
    Folding.prepare();
    OnnxModel model = watch.time("read", () -> shared.model(request.input()));
    RunLimit.check(model, request.inputShapes());
    return fold(model, shared.hash(request.input()), stage);
  }

  private TracedModel traced(OnnxModel model) {
    progress.begin("trace", 1);
    TracedModel traced =
        watch.time("trace", () -> TracedModel.of(model, request.inputShapes(), request.threads()));
    watch.time("read", traced::checkFinite);
    TracedModel chosen = request.options().heads() > 0 ? traced : traced.withoutHeads();
    requireGroups(chosen);
    return chosen;
  }

  private FoldReport fold(
      OnnxModel model, CompletableFuture<String> hash, Optional<StagedOutput> stage) {
    // Why nothing can fold is told even of a model that does not run.
    TracedModel found = shared.traced(() -> traced(model));
    Optional<Verifier> verifier =
        stage
            .filter(s -> request.verify())
            .map(s -> watch.time("verify", () -> verifier(model, s)));
    SharedWork.Proof proof = shared.proof(() -> proof(found, verifier));
    TracedModel traced = proof.traced();
    SizeModel sizes = traced.sizes();
    try (RepairPlan plan = watch.time("repair", () -> plan(model, traced));
        JudgedInputs inputs = watch.time("verify", () -> inputs(plan, model))) {
      Strategy strategy = plan.strategy();
      Stopwatch first = new Stopwatch();
      Redundancy redundancy = shared.redundancy(traced, strategy, request.threads(), first);
      CandidateFolds folds =
          CandidateFolds.of(
              traced,
              request.options(),
              strategy,
              redundancy,
              inputs.fitted(),
              request.source(),
              request.threads());
      Chosen chosen = chosen(folds, inputs);
      WidthPlanner.Planned planned = chosen.planned();
      Candidate candidate = chosen.candidate();
      candidate.outcome().watch().add(first);
      long written = sizes.totals(planned.widths()).bytes() + overhead(traced, sizes);
      Optional<Budget> budget = planned.budget();
      if (stage.isPresent()) {
        Map<String, String> provenance =
            watch.time(
                "write",
                () ->
                    Provenance.of(
                        request.input(),
                        hash.join(),
                        request.options(),
                        strategy,
                        candidate.outcome()));
        Written output = write(candidate, provenance, budget, stage.get(), verifier);
        written = output.bytes();
        budget = output.budget();
      }
      return new FoldResult(request, proof, folds, candidate, plan, planned)
          .report(
              new Change(traced.model().bytes(), written),
              budget,
              chosen.judgements(),
              inputs,
              watch);
    }
  }

  /** The folded model, and what its judges saw. */
  private record Chosen(
      WidthPlanner.Planned planned, Candidate candidate, List<Judgement> judgements) {}

  /** Chooses widths and folds to them, or looks for the smallest model of a quality. */
  private Chosen chosen(CandidateFolds folds, JudgedInputs inputs) {
    WidthPlanner planner =
        new WidthPlanner(
            folds.traced(),
            folds.options(),
            folds.strategy(),
            request.inputShapes(),
            request.threads(),
            progress,
            () -> DamageProbe.measure(folds, inputs.held(), progress));
    if (request.options().target() instanceof Target.Keep(double quality)) {
      boolean made = request.source() instanceof InputSource.Made;
      Damage damage = watch.time("plan", () -> planner.damage());
      KeepSearch.Found found =
          watch.time(
              "plan", () -> new KeepSearch(quality, folds, inputs, made, damage, progress).run());
      folds.show(found.candidate().widths(), observer);
      return new Chosen(
          WidthPlanner.Planned.found(found.candidate().widths(), folds.options().round()),
          found.candidate(),
          found.judgements());
    }
    WidthPlanner.Planned planned = watch.time("plan", () -> planner.plan());
    Candidate candidate = folds.at(planned.widths(), progress, observer);
    List<Judgement> judgements =
        watch.time("verify", () -> inputs.judge(candidate.proto(Map.of()), progress));
    return new Chosen(planned, candidate, judgements);
  }

  private JudgedInputs inputs(RepairPlan plan, OnnxModel model) {
    return request.dryRun() && !measures()
        ? new JudgedInputs(plan.inputs(), List.of(), "", "")
        : JudgedInputs.of(
            plan, model, request.inputShapes(), request.options().seed(), request.threads());
  }

  /** Whether the widths depend on what the model does with inputs. */
  private boolean measures() {
    return request.options().target() instanceof Target.Keep
        || request.options().allocation() == Allocation.GLOBAL;
  }

  private Verifier verifier(OnnxModel model, StagedOutput stage) {
    progress.begin("verify", 1);
    return new Verifier(model, stage, request.inputShapes(), request.threads());
  }

  private RepairPlan plan(OnnxModel model, TracedModel traced) {
    return new RepairPlanner(
            model,
            traced.groups(),
            traced.tensors(),
            request.inputShapes(),
            request.samples(),
            request.threads(),
            shared.madeInputs(),
            progress)
        .plan(request.options(), request.source(), !request.dryRun() || measures());
  }

  private SharedWork.Proof proof(TracedModel traced, Optional<Verifier> verifier) {
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
      Candidate candidate,
      Map<String, String> provenance,
      Optional<Budget> budget,
      StagedOutput stage,
      Optional<Verifier> verifier) {
    progress.begin("write", 1);
    watch.time(
        "write",
        () -> {
          ModelProto proto = candidate.proto(provenance);
          ModelWriter.write(candidate.traced().model(), proto, stage.model());
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
}
