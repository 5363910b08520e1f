package dev.pleat.cli;

import dev.pleat.DirectoryFold;
import dev.pleat.FileFold;
import dev.pleat.FoldRequest;
import dev.pleat.ModelKind;
import dev.pleat.Pleat;
import dev.pleat.cli.terminal.ProgressDisplay;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.GroupDetails;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.PartReport;
import dev.pleat.json.Json;
import dev.pleat.llm.request.LayerTarget;
import dev.pleat.llm.request.Part;
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
    KindOptions.forFiles(
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
      return foldOnSpark(spark.get());
    }
    if (Converters.Location.isElsewhere(model)
        || output.filter(Converters.Location::isElsewhere).isPresent()) {
      throw wrongUsage("paths of other file systems are for --spark [MASTER]");
    }
    KindOptions.forDirectories(model, spec, "--resume", "--part", "--layers");
    FoldRequest<?> request = request();
    if (part.isPresent()) {
      return foldPart(part.get());
    }
    page.check(request.outputs(), force);
    GroupDetails details = new GroupDetails();
    FoldReport report;
    try (ProgressDisplay progress = common.progress(spec.commandLine().getErr())) {
      report = Pleat.fold(request, progress, page.wanted() ? details : ClusterObserver.NONE);
    }
    show(report);
    if (common.showsTables() && request instanceof DirectoryFold) {
      spec.commandLine().getOut().println(new WidthSummary(report, target.round()).line());
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

  private void show(FoldReport report) {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      new FoldSummary(report).lines(common.verbose()).forEach(out::println);
    }
  }

  private int foldPart(Part chosen) {
    if (page.wanted()) {
      throw wrongUsage("--report shows a whole fold, and --part makes a part of one");
    }
    PartReport report;
    try (ProgressDisplay progress = common.progress(spec.commandLine().getErr())) {
      report = Pleat.foldPart(directory(), chosen, progress);
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

  private int foldOnSpark(String master) {
    DirectoryFold request = complete(directory());
    if (page.wanted() || part.isPresent() || inputs.data().isPresent()) {
      throw wrongUsage("--spark goes with neither --report nor --part nor --data");
    }
    FoldReport report;
    try (ProgressDisplay progress = common.progress(spec.commandLine().getErr())) {
      report = Pleat.foldOnCluster(request, master, progress);
    }
    show(report);
    return ExitCode.OK;
  }

  /**
   * What the options ask for.
   *
   * @throws ParameterException when a directory has no target, or there is nowhere to write
   */
  FoldRequest<?> request() {
    return switch (ModelKind.of(model)) {
      case FILE -> file();
      case DIRECTORY -> complete(directory());
    };
  }

  /** The fold of a file. */
  FileFold file() {
    FileFold fold =
        target.applyTo(output.map(o -> FileFold.of(model, o)).orElse(FileFold.of(model)));
    return complete(both(inputShapes.applyTo(inputs.applyTo(fold))).timed(true));
  }

  private DirectoryFold directory() {
    DirectoryFold fold =
        output.map(o -> DirectoryFold.of(model, o)).orElse(DirectoryFold.of(model));
    fold = checkpoint.applyTo(target.applyTo(fold)).layers(layers).resume(resume);
    return both(inputs.data().map(fold::data).orElse(fold));
  }

  private <R extends FoldRequest<R>> R both(R fold) {
    return fold.method(method)
        .repair(repair)
        .seed(common.seed())
        .threads(common.threads())
        .dryRun(dryRun)
        .force(force)
        .verify(!unverified);
  }

  private <R extends FoldRequest<R>> R complete(R fold) {
    try {
      fold.requireComplete();
      return fold;
    } catch (PleatException e) {
      throw wrongUsage(Failures.message(e));
    }
  }

  private ParameterException wrongUsage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
