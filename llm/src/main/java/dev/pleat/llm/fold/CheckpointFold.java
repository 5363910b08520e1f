package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.Setting;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.fold.Target;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.report.Change;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.core.report.Seconds;
import dev.pleat.core.report.Verification;
import dev.pleat.llm.repair.RepairWalk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One fold of one model directory, stage by stage. */
public final class CheckpointFold {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFold.class);

  /** As of transformers 5.17 and vLLM and llama.cpp of autumn 2026. */
  private static final String UNEVEN =
      "the layers differ in width, as per_layer_config in config.json says: Pleat runs and exports that, and so does model code that asks config.per_layer_config[layer] of transformers 5.15 or later; the Llama-like classes of transformers, vLLM and llama.cpp have one width for all layers and refuse it; for those use --allocate uniform";

  private static final Verification NOT_RUN = new Verification(false, 0, 0);

  private final CheckpointFoldRequest request;
  private final Progress progress;
  private final ClusterObserver observer;
  private final Stopwatch watch = new Stopwatch();

  CheckpointFold(CheckpointFoldRequest request, Progress progress, ClusterObserver observer) {
    this.request = request;
    this.progress = progress;
    this.observer = observer;
  }

  /** Folds as {@link dev.pleat.llm.CheckpointFolding#fold} says. */
  public static FoldReport run(
      CheckpointFoldRequest request, Progress progress, ClusterObserver observer) {
    return new CheckpointFold(request, progress, observer).run();
  }

  /** Hashes as {@link dev.pleat.llm.CheckpointFolding#hash} says. */
  public static String hash(Path input, Optional<Path> architecture) {
    try (OpenModel model = OpenModel.open(input, architecture)) {
      return CheckpointProvenance.hash(model.checkpoint());
    }
  }

  private FoldReport run() {
    if (request.dryRun()) {
      return read(Optional.empty());
    }
    // Whether the output can be written is known before any work.
    try (StagedDirectory stage =
        StagedDirectory.open(
            request.inputs(), request.output(), request.force(), request.resume())) {
      try {
        return read(Optional.of(stage));
      } catch (PleatException e) {
        // What a failing disk interrupts can be continued; what is wrong with the model cannot.
        if (!(e.getCause() instanceof IOException)) {
          stage.discard();
        }
        throw e;
      }
    }
  }

  private FoldReport read(Optional<StagedDirectory> stage) {
    Folding.prepare();
    progress.begin("read", 1);
    if (request.options().target() instanceof Target.Keep) {
      throw PleatException.naming(
          "%s is for .onnx files: a directory takes %s, %s, %s or %s",
          Setting.of("keep"),
          Setting.of("channels", "R"),
          Setting.of("params", "R"),
          Setting.of("size", "SIZE"),
          Setting.of("heads", "R"));
    }
    try (OpenModel model =
        watch.time("read", () -> OpenModel.open(request.input(), request.architecture()))) {
      PlannedFold planned = PlannedFold.of(request, model, stage.isPresent(), watch, progress);
      FoldPlan plan = planned.plan();
      CheckpointRepair repair = planned.repair();
      if (plan.config().isUneven()) {
        LOG.warn(UNEVEN);
      }
      return stage.isPresent() ? fold(model, plan, repair, stage.get()) : plan(model, plan, repair);
    }
  }

  private FoldReport plan(OpenModel model, FoldPlan plan, CheckpointRepair repair) {
    StepFolder folder = folder(model, plan, repair);
    List<GroupReport> groups = new ArrayList<>();
    List<FoldStep> steps = FoldStep.of(plan, model.checkpoint());
    progress.begin("fold", steps.size());
    for (FoldStep step : steps) {
      groups.addAll(folder.fold(step).groups());
      progress.step();
    }
    return report(model, plan, repair, groups, folder, plan.folded().bytes(), NOT_RUN);
  }

  private FoldReport fold(
      OpenModel model, FoldPlan plan, CheckpointRepair repair, StagedDirectory stage) {
    progress.begin("hash", 1);
    String hash = watch.time("read", () -> CheckpointProvenance.hash(model.checkpoint()));
    Map<String, String> provenance =
        CheckpointProvenance.of(model.checkpoint(), hash, request.options(), plan, repair);
    OutputLayout layout = OutputLayout.of(model.checkpoint(), plan, provenance);
    layout.requireSize(request.options().target());
    StepFolder folder = folder(model, plan, repair);
    List<GroupReport> groups = write(model, plan, layout, stage, folder);
    return finish(model, new PlannedFold(plan, repair), layout, provenance, groups, folder, stage);
  }

  /**
   * Completes an output whose weights are written, checks it and puts it in place.
   *
   * @param groups what happened to each
   * @param folder has folded them
   */
  FoldReport finish(
      OpenModel model,
      PlannedFold planned,
      OutputLayout layout,
      Map<String, String> provenance,
      List<GroupReport> groups,
      StepFolder folder,
      OutputStage stage) {
    FoldPlan plan = planned.plan();
    watch.time(
        "write",
        () -> {
          OtherFiles.copy(model.checkpoint(), stage.folder());
          ModelCard.append(stage, request.input(), plan, provenance, groups);
          layout.writeText(stage, model, plan);
        });
    Verification verification = watch.time("verify", () -> verify(model, plan, stage));
    stage.commit();
    return report(model, plan, planned.repair(), groups, folder, layout.bytes(), verification);
  }

  /** What folds the steps. */
  StepFolder folder(OpenModel model, FoldPlan plan, CheckpointRepair repair) {
    Optional<RepairWalk> walk =
        watch.time("repair", () -> repair.walk(request, plan.cut(), observer));
    return new StepFolder(
        model.checkpoint(),
        repair.strategy(),
        request.options().seed(),
        walk,
        request.threads(),
        observer);
  }

  private List<GroupReport> write(
      OpenModel model,
      FoldPlan plan,
      OutputLayout layout,
      StagedDirectory stage,
      StepFolder folder) {
    Ledger ledger = Ledger.open(stage.ledger());
    List<GroupReport> groups;
    try (StepWriter writer =
        StepWriter.open(layout, stage::file, name -> plan.name(name).orElseThrow())) {
      groups =
          new StepLoop(model.checkpoint(), folder, writer, ledger, watch, progress)
              .run(FoldStep.of(plan, model.checkpoint()));
    }
    ledger.delete();
    return groups;
  }

  /** Reads what was written as if it were another input: every shape must fit its config.json. */
  private Verification verify(OpenModel model, FoldPlan plan, OutputStage stage) {
    OpenModel.open(stage.folder(), request.architecture()).close();
    return request.verify()
        ? new CheckpointVerifier(request, model, plan.original()).verify(stage.folder())
        : Verification.not("--no-verify");
  }

  private FoldReport report(
      OpenModel model,
      FoldPlan plan,
      CheckpointRepair repair,
      List<GroupReport> folded,
      StepFolder inner,
      long bytes,
      Verification verification) {
    List<GroupReport> groups = reported(plan, folded);
    for (InspectReport.Frozen frozen : model.groups().frozen()) {
      groups.add(GroupReport.frozen(frozen.name(), frozen.width(), frozen.reason()));
    }
    return new FoldReport(
        request.input().toString(),
        request.dryRun() ? "" : request.output().toString(),
        repair.strategy().method().spelling(),
        repair.strategy().repair().spelling(),
        repair.strategy().explanation(),
        repair.description(),
        Optional.empty(),
        Optional.empty(),
        request.options().seed(),
        new Change(plan.original(), plan.folded().parameters()),
        new Change(model.checkpoint().fileBytes(), bytes),
        Optional.empty(),
        channels(model, plan, groups),
        groups,
        verification,
        new Seconds(
            watch.seconds("read") + inner.seconds("read"),
            watch.seconds("trace"),
            inner.seconds("gram"),
            inner.seconds("cluster"),
            inner.seconds("merge"),
            inner.seconds("repair") + watch.seconds("repair"),
            watch.seconds("write"),
            watch.seconds("verify"),
            0),
        request.options().allocation().spelling(),
        request.round().orElse(0),
        "",
        plan.budget()
            .map(budget ->
                budget.withAchieved(budget.measure().equals("bytes") ? bytes : budget.predicted())),
        List.of(),
        Optional.empty());
  }

  /** Those of the groups, and before the fold those of layers that go. */
  private static Change channels(OpenModel model, FoldPlan plan, List<GroupReport> groups) {
    long gone =
        model.groups().feedForwards().stream()
            .flatMap(family -> family.groups().stream())
            .filter(group -> !plan.cut().keeps(WidthFamily.layer(group)))
            .mapToLong(ChannelGroup::width)
            .sum();
    List<GroupReport> counted =
        groups.stream().filter(group -> !group.name().equals(FoldPlan.LAYERS)).toList();
    return new Change(
        gone + counted.stream().mapToLong(GroupReport::before).sum(),
        counted.stream().mapToLong(GroupReport::after).sum());
  }

  /** All groups that might have folded, by layer. */
  private static List<GroupReport> reported(FoldPlan plan, List<GroupReport> folded) {
    Map<String, GroupReport> reports = new LinkedHashMap<>();
    plan.layers().ifPresent(layers -> reports.put(layers.name(), layers));
    plan.families().stream()
        .flatMap(family -> family.groups().stream())
        .sorted(Comparator.comparingInt(WidthFamily::layer))
        .forEach(
            group -> reports.put(group.name(), GroupReport.whole(group.name(), group.width())));
    folded.forEach(report -> reports.put(report.name(), report));
    return new ArrayList<>(reports.values());
  }
}
