package dev.pleat.cli;

import dev.pleat.DirectoryFold;
import dev.pleat.FileFold;
import dev.pleat.FoldRequest;
import dev.pleat.ModelKind;
import dev.pleat.Pleat;
import dev.pleat.SweepRequest;
import dev.pleat.cli.terminal.ProgressDisplay;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.SweepReport;
import dev.pleat.json.Json;
import dev.pleat.llm.request.TextRequest;
import dev.pleat.onnx.request.EvalRequest;
import dev.pleat.report.SweepPage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pleat sweep}: folds a model in many ways and measures what each is worth. */
@Command(
    name = "sweep",
    description = {
      "Fold a model in many ways and evaluate every result alike: one table, one chart.",
      "Without labels or text, results are judged by their agreement with the original.",
      "Clustering is done once for all targets."
    },
    sortOptions = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  pleat sweep model.onnx --images test/ --mean 0.5 --std 0.5",
      "      folding and L1 pruning at 25, 50 and 70 %% of the channels",
      "  pleat sweep model.onnx --params 0.5,0.75,0.9 --allocate uniform,global -o results/",
      "      by agreement alone, kept in a folder; goes on with --resume",
      "  pleat sweep SmolLM2-135M --text wiki.test.raw --channels 0.1,0.2,0.3 --method fold,l2",
      "      perplexity of a language model",
      "  pleat sweep model.onnx --images test/ --report sweep.html",
      "      with a page to look at"
    })
final class SweepCommand implements Callable<Integer> {
  /** The model cannot be folded in any of the ways that were asked for. */
  private static final int NOTHING_POSSIBLE = 3;

  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The .onnx file or Hugging Face directory.")
  private Path model = Path.of("");

  @Option(
      names = {"-o", "--output"},
      order = 1,
      paramLabel = "FOLDER",
      description = "Keep results here as they come, and sweep.json and sweep.csv at the end.")
  private Optional<Path> output = Optional.empty();

  @Mixin private SweepTargets targets = new SweepTargets();

  @Option(
      names = "--method",
      split = ",",
      paramLabel = "NAME",
      order = 20,
      converter = Converters.MethodName.class,
      description =
          "Any of fold, l1, l2, random, ifm, inn, wanda; ward, kmeans, hartigan fold with other "
              + "clusters. Default: fold,l1.")
  private List<Method> methods = List.of();

  @Option(
      names = "--repair",
      split = ",",
      paramLabel = "NAME",
      order = 21,
      converter = Converters.RepairName.class,
      description = "Any of the repairs of pleat fold. Default: auto.")
  private List<Repair> repairs = List.of();

  @Option(
      names = "--allocate",
      split = ",",
      paramLabel = "HOW",
      order = 22,
      converter = Converters.AllocationName.class,
      description = "uniform, global or both. Default: uniform.")
  private List<Allocation> allocations = List.of();

  @Mixin private GroupChoice groups = new GroupChoice();
  @Mixin private RepairInputs inputs = new RepairInputs();
  @Mixin private EvaluationData evaluationData = new EvaluationData();

  @Option(
      names = "--text",
      order = 32,
      paramLabel = "FILE",
      description = "Directories: evaluate by perplexity on this text.")
  private Optional<Path> text = Optional.empty();

  @Option(
      names = "--context",
      order = 33,
      paramLabel = "N",
      converter = Converters.Positive.class,
      description = "Directories: tokens read at once.")
  private Optional<Integer> context = Optional.empty();

  @Option(names = "--force", order = 40, description = "Start over in a folder that has results.")
  private boolean force;

  @Option(
      names = "--resume",
      order = 41,
      description = "Go on with an interrupted sweep of the same model and evaluation.")
  private boolean resume;

  @Mixin private ReportOptions page = new ReportOptions();
  @Mixin private InputShapes inputShapes = new InputShapes();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    KindOptions.forFiles(
        model, spec, "--samples", "--image-size", "--mean", "--std", "--layout", "--input-shape");
    SweepRequest request = request();
    page.check(request.outputs(), force || resume);
    SweepReport report;
    try (ProgressDisplay progress = common.progress(spec.commandLine().getErr())) {
      report = Pleat.sweep(request, progress);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      new SweepSummary(report).lines().forEach(out::println);
    }
    if (report.points().isEmpty()) {
      return NOTHING_POSSIBLE;
    }
    return page.wanted()
        ? page.write(
            () ->
                new SweepPage(
                    report, ReportOptions.origin(new CheckpointOptions().hash(model), spec)),
            model,
            force || resume,
            spec)
        : ExitCode.OK;
  }

  private SweepRequest request() {
    SweepRequest request =
        (switch (ModelKind.of(model)) {
              case FILE -> ofFile();
              case DIRECTORY -> ofDirectory();
            })
            .resume(resume)
            .force(force)
            .words(Failures::message);
    request = output.map(request::output).orElse(request);
    request = methods.isEmpty() ? request : request.methods(methods);
    request = repairs.isEmpty() ? request : request.repairs(repairs);
    request = allocations.isEmpty() ? request : request.allocations(allocations);
    List<Target> given = targets.targets();
    return given.isEmpty() ? request : request.targets(given);
  }

  private SweepRequest ofDirectory() {
    if (text.isEmpty()) {
      throw wrongUsage("a model directory needs --text FILE to be evaluated on");
    }
    if (evaluationData.isGiven()) {
      throw wrongUsage("--images and --inputs are for .onnx files; give --text FILE");
    }
    DirectoryFold fold = both(DirectoryFold.of(model));
    return SweepRequest.of(
        inputs.data().map(fold::data).orElse(fold),
        new TextRequest(
            model,
            text.get(),
            context,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            common.threads()));
  }

  private SweepRequest ofFile() {
    if (text.isPresent() || context.isPresent()) {
      throw wrongUsage("--text is for model directories, and %s is none".formatted(model));
    }
    evaluationData.check(spec.commandLine());
    return SweepRequest.of(
        inputs.applyTo(both(FileFold.of(model))),
        new EvalRequest(
            model,
            evaluationData.images(),
            evaluationData.labels(),
            inputs.preprocessing(),
            evaluationData.inputs(),
            Optional.empty(),
            OptionalInt.empty(),
            common.threads(),
            1,
            inputShapes.byName(),
            Optional.empty()));
  }

  private <R extends FoldRequest<R>> R both(R fold) {
    return groups.applyTo(fold).seed(common.seed());
  }

  private ParameterException wrongUsage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
