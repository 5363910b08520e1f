package dev.pleat.cli;

import dev.pleat.FileFold;
import dev.pleat.ModelKind;
import dev.pleat.Pleat;
import dev.pleat.cli.terminal.ProgressDisplay;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.GroupDetails;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.report.MergeReport;
import dev.pleat.json.Json;
import dev.pleat.onnx.output.OutputCheck;
import dev.pleat.onnx.request.Heads;
import dev.pleat.report.FoldPage;
import dev.pleat.report.figures.Figures;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

/** {@code pleat merge}: folds several networks into one. */
@Command(
    name = "merge",
    description = "Fold two or more networks of one architecture into one.",
    sortOptions = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  pleat merge a.onnx b.onnx -o merged.onnx",
      "      as wide as one of them, repaired without data",
      "  pleat merge a.onnx b.onnx c.onnx -o merged.onnx --data images/",
      "      three, repaired with unlabelled images",
      "  pleat merge cats.onnx dogs.onnx -o pets.onnx --heads joint",
      "      one output with the classes of both",
      "  pleat merge a.onnx b.onnx -o matched.onnx --method match --repair none",
      "      for comparison: weights matched one to one and averaged (Git Re-Basin)"
    })
final class MergeCommand implements Callable<Integer> {
  /** Beyond rounding, weights between frozen channels were averaged. */
  private static final double ROUNDING = 1e-3;

  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      arity = "1..*",
      description = "The .onnx files to merge, exported alike.")
  private List<Path> models = new ArrayList<>();

  @Option(
      names = {"-o", "--output"},
      order = 1,
      paramLabel = "OUT",
      required = true,
      description = "The file to write.")
  private Path output = Path.of("");

  @Option(
      names = "--channels",
      paramLabel = "R",
      order = 10,
      converter = Converters.Ratio.class,
      description =
          "Remove this share of the channels of one network, in [0, 1). Default: 0, as wide as "
              + "one of them.")
  private double channels;

  @Option(
      names = "--width",
      paramLabel = "GROUP=K",
      converter = {Converters.GroupName.class, Converters.Positive.class},
      order = 13,
      description = "Give this group K channels. Repeatable.")
  private Map<String, Integer> widths = new LinkedHashMap<>();

  @Option(
      names = "--method",
      paramLabel = "NAME",
      order = 20,
      converter = Converters.MergeMethodName.class,
      description =
          "fold (default): clusters of all networks' channels; or a baseline: match (weights "
              + "matched one to one, Git Re-Basin), zip (channels that correlate most on the inputs "
              + "of the repair, pair by pair, ZipIt!), average (channels as they are numbered).")
  private Method method = Method.FOLD;

  @Option(
      names = "--heads",
      paramLabel = "NAME",
      order = 19,
      converter = Converters.HeadsName.class,
      description =
          "mean (default): one task, outputs averaged; joint: different classes, those of all "
              + "networks in one output, in the order of the files; separate: an output for each "
              + "network, its number behind its name.")
  private Heads heads = Heads.MEAN;

  @Option(
      names = "--repair",
      paramLabel = "NAME",
      order = 21,
      converter = Converters.RepairName.class,
      description =
          "auto (default: the best that is possible), none, approximate, inversion, data, "
              + "least-squares.")
  private Repair repair = Repair.AUTO;

  @Mixin private RepairInputs inputs = new RepairInputs();

  @Option(names = "--force", order = 31, description = "Replace an existing output.")
  private boolean force;

  @Option(
      names = "--no-verify",
      order = 32,
      description = "Do not run the written model to check it.")
  private boolean unverified;

  @Mixin private InputShapes inputShapes = new InputShapes();
  @Mixin private ReportOptions page = new ReportOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    if (models.size() < 2) {
      throw new ParameterException(
          spec.commandLine(),
          "merge takes two networks or more, named before -o, and there is one");
    }
    for (Path model : models) {
      if (ModelKind.of(model) == ModelKind.DIRECTORY) {
        throw new PleatException(
            "%s is a directory; merge takes .onnx files, which pleat export makes of directories"
                .formatted(model));
      }
    }
    OutputCheck outputs = new OutputCheck();
    models.forEach(outputs::reads);
    page.check(outputs.reads(inputs.data()).writesModel(output), force);
    GroupDetails details = new GroupDetails();
    MergeReport report;
    try (ProgressDisplay progress = common.progress(spec.commandLine().getErr())) {
      report =
          Pleat.merge(
              models, heads, request(), progress, page.wanted() ? details : ClusterObserver.NONE);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      new FoldSummary(report.fold()).lines(common.verbose()).forEach(out::println);
      out.println(merged(report));
    }
    FoldSummary.warn(report.fold(), common, spec.commandLine().getErr());
    return page.wanted()
        ? page.write(
            () ->
                new FoldPage(
                    report.fold(),
                    details.all(),
                    ReportOptions.origin(Pleat.hash(models.getFirst(), Optional.empty()), spec)),
            models.getFirst(),
            force,
            spec)
        : ExitCode.OK;
  }

  private FileFold request() {
    FileFold fold =
        FileFold.of(models.getFirst(), output)
            .channels(channels)
            .method(method)
            .repair(repair)
            .seed(common.seed())
            .threads(common.threads())
            .force(force)
            .verify(!unverified);
    for (Map.Entry<String, Integer> width : widths.entrySet()) {
      fold = fold.width(width.getKey(), width.getValue());
    }
    return inputShapes.applyTo(inputs.applyTo(fold));
  }

  private String merged(MergeReport report) {
    String difference = Figures.plain(report.unionDifference());
    return report.unionDifference() <= ROUNDING
        ? "merged    %d networks; before: their union, which gives %s to within %s"
                .formatted(
                    models.size(),
                    heads == Heads.MEAN ? "the mean of their outputs" : "their outputs",
                    difference)
            + (report.headsFitted()
                ? "; then heads were fitted so that each leaves the others' inputs to them"
                : heads == Heads.JOINT ? "; heads are as they were" : "")
        : "warning   %d networks; where channels cannot fold, weights were averaged in place, which moves outputs by %s of the largest: that serves only networks that were trained from the same start"
            .formatted(models.size(), difference);
  }
}
