package dev.pleat.cli;

import dev.pleat.DirectoryFold;
import dev.pleat.FileFold;
import dev.pleat.FoldRequest;
import dev.pleat.ModelKind;
import dev.pleat.Pleat;
import dev.pleat.core.report.InspectReport;
import dev.pleat.json.Json;
import dev.pleat.report.InspectPage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pleat inspect}: shows what can shrink together, and what cannot and why. */
@Command(
    name = "inspect",
    description = {
      "Show what can fold, how redundant it is, and what is frozen and why.",
      "With a target, also the widths that it would choose. Folds nothing."
    },
    sortOptions = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  pleat inspect model.onnx",
      "  pleat inspect model.onnx --channels 0.5",
      "      with the width that each group would keep",
      "  pleat inspect model.onnx -v",
      "      with the tensor axes of each group",
      "  pleat inspect model.onnx --report model.html",
      "      as a page to look at",
      "  pleat inspect model.onnx --json | jq '.groups[].name'"
    })
final class InspectCommand implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      description = "The .onnx file, or the Hugging Face directory, to look at.")
  private Path model = Path.of("");

  @Mixin private TargetOptions target = new TargetOptions();
  @Mixin private CheckpointOptions checkpoint = new CheckpointOptions();

  @Option(names = "--force", order = 31, description = "Replace an existing report.")
  private boolean force;

  @Mixin private ReportOptions page = new ReportOptions();
  @Mixin private InputShapes inputShapes = new InputShapes();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    checkpoint.requireDirectory(model, spec.commandLine());
    KindOptions.forFiles(
        model, spec, "--input-shape", "--latency-budget", "--flash", "--ram", "--keep");
    FoldRequest<?> request =
        switch (ModelKind.of(model)) {
          case FILE -> both(inputShapes.applyTo(target.applyTo(FileFold.of(model))));
          case DIRECTORY -> both(checkpoint.applyTo(target.applyTo(DirectoryFold.of(model))));
        };
    page.check(request.outputs(), force);
    InspectReport report = Pleat.inspect(request);
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      new InspectSummary(report).lines(common.verbose()).forEach(out::println);
    }
    return page.wanted()
        ? page.write(
            () -> new InspectPage(report, ReportOptions.origin(checkpoint.hash(model), spec)),
            model,
            force,
            spec)
        : ExitCode.OK;
  }

  private <R extends FoldRequest<R>> R both(R fold) {
    return fold.seed(common.seed()).threads(common.threads());
  }
}
