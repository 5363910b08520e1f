package dev.pleat.cli;

import dev.pleat.cli.terminal.Json;
import dev.pleat.cli.terminal.ProgressDisplay;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.GroupDetails;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.llm.CheckpointFolding;
import dev.pleat.llm.ClusterFolding;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.fold.LayerTarget;
import dev.pleat.llm.fold.Part;
import dev.pleat.llm.fold.PartReport;
import dev.pleat.onnx.OnnxFolding;
import dev.pleat.onnx.eval.LatencyComparison;
import dev.pleat.onnx.eval.LatencyTimer;
import dev.pleat.onnx.fold.FoldRequest;
import dev.pleat.onnx.output.OutputCheck;
import dev.pleat.report.FoldPage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pleat fold}: writes a smaller model. */
@Command(
    name = "fold",
    description = "Fold a trained network into a smaller one, without data.",
    sortOptions = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  pleat fold model.onnx -o small.onnx",
      "      the smallest model that does what the original does for 98 %% of inputs",
      "  pleat fold model.onnx -o half.onnx --channels 0.5",
      "      half of the channels of every group",
      "  pleat fold model.onnx -o small.onnx --params 0.7 --round 8",
      "      at least 70 %% fewer parameters, widths in multiples of 8",
      "  pleat fold model.onnx -o small.onnx --size 20MB --exclude 'head*'",
      "      a file of at most 20 MB, groups named head... untouched",
      "  pleat fold SmolLM2-135M -o small --channels 0.2",
      "      a Hugging Face directory: 20 %% of the feed-forward neurons of every layer",
      "  pleat fold SmolLM2-135M -o small --layers 3 --channels 0.1",
      "      three layers fewer, those that are missed least, and 10 %% of the neurons of the others",
      "  pleat fold SmolLM2-135M -o small --params 0.2 --layers auto",
      "      at least 20 %% fewer parameters, whole layers among them where that predicts better",
      "  pleat fold model.onnx -o half.onnx --channels 0.5 --report half.html",
      "      and a page to look at",
      "  pleat fold model.onnx --channels 0.5 --dry-run --json",
      "      what would happen, for a program",
      "",
      "Group names come from: pleat inspect model.onnx"
    })
final class FoldCommand implements Callable<Integer> {
  private static final double USUAL_QUALITY = 0.98;

  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      converter = Converters.Location.class,
      description = "The .onnx file, or the Hugging Face directory, to fold.")
  private Path model = Path.of("");

  @Option(
      names = {"-o", "--output"},
      order = 1,
      paramLabel = "OUT",
      converter = Converters.Location.class,
      description = "The file or directory to write. Required unless --dry-run.")
  private Optional<Path> output = Optional.empty();

  @Mixin private TargetOptions target = new TargetOptions();
  @Mixin private CheckpointOptions checkpoint = new CheckpointOptions();

  @Option(
      names = "--layers",
      paramLabel = "N",
      order = 17,
      converter = Converters.Layers.class,
      description =
          "Directories: also remove N layers, or below 1 this share of them, those that the "
              + "model's own text misses least; the others are fitted to make up for them. auto, "
              + "with --params: as many as serve the budget best, by trying.")
  private LayerTarget layers = LayerTarget.NONE;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      order = 20,
      converter = Converters.MethodName.class,
      description =
          "fold (default), or a baseline: l1, l2, random, ifm (iterative feature merging), inn "
              + "(integral network); ward, kmeans, hartigan fold with other clusters; for "
              + "directories also wanda, which scores neurons on a text, --data or the model's "
              + "own.")
  private Method method = Method.FOLD;

  @Option(
      names = "--repair",
      paramLabel = "NAME",
      order = 21,
      converter = Converters.RepairName.class,
      description =
          "auto (default: the best that is possible), none, approximate, inversion, data, "
              + "least-squares; for directories none or self: fitted on text that the model "
              + "writes.")
  private Repair repair = Repair.AUTO;

  @Mixin private RepairInputs inputs = new RepairInputs();

  @Option(names = "--dry-run", order = 30, description = "Plan and report, write nothing.")
  private boolean dryRun;

  @Option(names = "--force", order = 31, description = "Replace an existing output.")
  private boolean force;

  @Option(
      names = "--no-verify",
      order = 32,
      description = "Do not run the written model to check it.")
  private boolean unverified;

  @Option(
      names = "--resume",
      order = 33,
      description = "Directories: continue what an interrupted run has begun.")
  private boolean resume;

  @Option(
      names = "--part",
      paramLabel = "K/N",
      order = 34,
      converter = Converters.PartOf.class,
      description =
          "Directories: make the K-th of N parts of the output's files of weights, for array jobs; "
              + "the last one to finish puts the output in place. Needs --repair none.")
  private Optional<Part> part = Optional.empty();

  @Option(
      names = "--spark",
      paramLabel = "MASTER",
      order = 35,
      arity = "0..1",
      fallbackValue = "",
      description =
          "Directories: fold on Apache Spark, of hdfs://, s3a:// or file:// paths too, where its "
              + "jar is on the class path (docs/scale.md). MASTER is as spark-submit takes it, and "
              + "its own when left out. Needs --repair none.")
  private Optional<String> spark = Optional.empty();

  @Mixin private ReportOptions page = new ReportOptions();
  @Mixin private InputShapes inputShapes = new InputShapes();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    checkpoint.requireDirectory(model, spec.commandLine());
    ModelKind.forFiles(
        model,
        spec,
        "--samples",
        "--image-size",
        "--mean",
        "--std",
        "--layout",
        "--input-shape",
        "--latency-budget",
        "--flash",
        "--ram",
        "--keep");
    if (spark.isPresent()) {
      return foldOnSpark(request(), spark.get());
    }
    if (Converters.Location.isElsewhere(model)
        || output.filter(Converters.Location::isElsewhere).isPresent()) {
      throw wrongUsage("paths of other file systems are for --spark [MASTER]");
    }
    ModelKind.forDirectories(model, spec, "--resume", "--part", "--layers");
    FoldRequest request = request();
    if (part.isPresent()) {
      return foldPart(request, part.get());
    }
    page.check(outputs(), force);
    GroupDetails details = new GroupDetails();
    FoldReport report = fold(request, page.wanted() ? details : ClusterObserver.NONE);
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      new FoldSummary(report).lines(common.verbose()).forEach(out::println);
      if (CheckpointOptions.isFor(model)) {
        out.println(new WidthSummary(report, target.round()).line());
      }
    }
    FoldSummary.warn(report, common, spec.commandLine().getErr());
    return page.wanted()
        ? page.write(
            () ->
                new FoldPage(
                    report, details.all(), ReportOptions.origin(checkpoint.hash(model), spec)),
            model,
            force,
            spec)
        : ExitCode.OK;
  }

  /** The files that the command reads, and its output. */
  private OutputCheck outputs() {
    OutputCheck check =
        new OutputCheck().reads(model).reads(inputs.data()).reads(checkpoint.architecture());
    if (!dryRun && CheckpointOptions.isFor(model)) {
      output.ifPresent(check::writesDirectory);
    } else if (!dryRun) {
      output.ifPresent(check::writesModel);
    }
    return check;
  }

  private FoldReport fold(FoldRequest request, ClusterObserver observer) {
    try (ProgressDisplay progress = common.progress(spec.commandLine().getErr())) {
      return CheckpointOptions.isFor(model)
          ? CheckpointFolding.fold(checkpointRequest(request), progress, observer)
          : timed(request, OnnxFolding.fold(request, progress, observer), progress);
    }
  }

  private int foldPart(FoldRequest request, Part chosen) {
    if (page.wanted()) {
      throw wrongUsage("--report shows a whole fold, and --part makes a part of one");
    }
    PartReport report;
    try (ProgressDisplay progress = common.progress(spec.commandLine().getErr())) {
      report = CheckpointFolding.foldPart(checkpointRequest(request), chosen, progress);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      out.println(
          "part %s: %d files of weights, %d of other parts are missing"
              .formatted(report.part(), report.made().size(), report.missing().size()));
      report
          .whole()
          .ifPresent(whole -> new FoldSummary(whole).lines(common.verbose()).forEach(out::println));
    }
    return ExitCode.OK;
  }

  private int foldOnSpark(FoldRequest request, String master) {
    if (page.wanted() || part.isPresent() || inputs.data().isPresent()) {
      throw wrongUsage("--spark goes with neither --report nor --part nor --data");
    }
    FoldReport report;
    try (ProgressDisplay progress = common.progress(spec.commandLine().getErr())) {
      report = ClusterFolding.find().fold(checkpointRequest(request), master, progress);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      new FoldSummary(report).lines(common.verbose()).forEach(out::println);
    }
    return ExitCode.OK;
  }

  private CheckpointFoldRequest checkpointRequest(FoldRequest request) {
    return new CheckpointFoldRequest(
        request.input(),
        request.output(),
        request.options(),
        target.round(),
        target.heads(),
        layers,
        checkpoint.architecture(),
        inputs.data(),
        dryRun,
        force,
        resume,
        !unverified,
        request.threads());
  }

  /** Only a model that verification has already run is sure to run again. */
  private static FoldReport timed(FoldRequest request, FoldReport report, Progress progress) {
    progress.begin("time", 1);
    return report.verification().ran()
        ? report.withTimings(
            LatencyComparison.measure(
                request.input(),
                request.output(),
                request.inputShapes(),
                request.threads(),
                LatencyTimer.Effort.QUICK))
        : report;
  }

  /**
   * What the options ask for.
   *
   * @throws ParameterException when a directory has no target, or there is nowhere to write
   */
  FoldRequest request() {
    FoldOptions options =
        target
            .folding(method, repair, common.seed())
            .or(() -> implied().map(t -> target.folding(t, method, repair, common.seed())))
            .orElseThrow(() ->
                wrongUsage(
                    "no target: a directory needs --channels R, --params R, --size SIZE,"
                        + " --width GROUP=K, --heads R or --layers N; without a target only .onnx files fold"));
    if (output.isEmpty() && !dryRun) {
      throw wrongUsage("no output: name the file to write with -o OUT, or use --dry-run");
    }
    return new FoldRequest(
        model,
        output.orElse(Path.of("")),
        options,
        !unverified,
        dryRun,
        force,
        common.threads(),
        inputShapes.byName(),
        inputs.source(),
        inputs.samples());
  }

  /** What a file folds to when nobody says how far; of a directory, layers may be all that goes. */
  private Optional<Target> implied() {
    if (CheckpointOptions.isFor(model)) {
      return layers.equals(LayerTarget.NONE)
          ? Optional.empty()
          : Optional.of(new Target.Channels(0));
    }
    return Optional.of(new Target.Keep(USUAL_QUALITY));
  }

  private ParameterException wrongUsage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
