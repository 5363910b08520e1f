package dev.pleat.cli;

import dev.pleat.Pleat;
import dev.pleat.core.report.ExportReport;
import dev.pleat.json.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pleat export}: writes a model directory as an ONNX model. */
@Command(
    name = "export",
    description = {
      "Write a model directory as an ONNX model with a cache of keys and values.",
      "Beside the checkpoint it reads the safetensors files themselves; elsewhere the weights are",
      "copied into OUT.data. Weights keep their type and are computed in 32 bits."
    },
    sortOptions = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  pleat export small/ -o small/model.onnx",
      "      small, as it refers to the weights in the same folder",
      "  pleat export small/ -o elsewhere/model.onnx"
    })
final class ExportCommand implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The model directory to export.")
  private Path model = Path.of("");

  @Option(
      names = {"-o", "--output"},
      order = 1,
      required = true,
      paramLabel = "FILE",
      description = "The .onnx file to write.")
  private Path output = Path.of("");

  @Option(names = "--force", order = 2, description = "Replace the output if it exists.")
  private boolean force;

  @Option(
      names = "--architecture",
      order = 3,
      paramLabel = "FILE",
      description = "Describes the model's family, where Pleat does not know it.")
  private Optional<Path> architecture = Optional.empty();

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    ExportReport report = Pleat.export(model, architecture, output, force);
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      out.printf(
          "%s reads its weights from %s; keep them together%n",
          output, String.join(", ", report.weights()));
    }
    return 0;
  }
}
