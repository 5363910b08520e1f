package dev.pleat.cli;

import dev.pleat.Pleat;
import dev.pleat.cli.terminal.ProgressDisplay;
import dev.pleat.core.report.InvertReport;
import dev.pleat.json.Json;
import dev.pleat.onnx.data.ImageSize;
import dev.pleat.onnx.request.InversionOptions;
import dev.pleat.onnx.request.InvertRequest;
import dev.pleat.onnx.request.LossWeights;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pleat invert}: makes inputs of a network's own statistics. */
@Command(
    name = "invert",
    description = {
      "Make inputs for a network without any data.",
      "Noise is optimised until the network's batch normalisations see the statistics that they",
      "hold, and a classifier sees its classes in equal shares. The result stands in for data:",
      "to repair folded networks, to compare models on, to calibrate with."
    },
    sortOptions = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  pleat invert model.onnx -o made.npy",
      "  pleat invert model.onnx -o made.npy --sheet made.png --images 64",
      "      with a picture to look at",
      "  pleat invert model.onnx -o made.npy --size 128x128",
      "      where the model leaves height and width open",
      "  pleat fold model.onnx -o small.onnx --channels 0.5 --data made.npy",
      "      repairs with them"
    })
final class InvertCommand implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The .onnx file to make inputs for.")
  private Path model = Path.of("");

  @Option(
      names = {"-o", "--output"},
      order = 1,
      required = true,
      paramLabel = "OUT",
      description = "The .npy file to write: float32, the images along its first axis.")
  private Path output = Path.of("");

  @Option(
      names = "--sheet",
      order = 2,
      paramLabel = "PNG",
      description = "Also show them on one picture.")
  private Optional<Path> sheet = Optional.empty();

  @Option(
      names = "--images",
      order = 10,
      paramLabel = "N",
      converter = Converters.Inputs.class,
      description = "How many to make. Default: 256, fewer for very large networks.")
  private Optional<Integer> images = Optional.empty();

  @Option(
      names = "--steps",
      order = 11,
      paramLabel = "N",
      converter = Converters.Positive.class,
      description = "Steps of the optimiser. Default: 240, fewer for very large networks.")
  private Optional<Integer> steps = Optional.empty();

  @Option(
      names = "--batch",
      order = 12,
      paramLabel = "N",
      converter = Converters.Positive.class,
      description = "Images to optimise together. Default: up to 256, by the network's size.")
  private Optional<Integer> batch = Optional.empty();

  @Option(
      names = {"--size", "--image-size"},
      order = 13,
      paramLabel = "HxW",
      converter = Converters.Pixels.class,
      description = "Height and width where the model leaves them open.")
  private Optional<ImageSize> size = Optional.empty();

  @Option(names = "--force", order = 31, description = "Replace existing files.")
  private boolean force;

  @Mixin private InputShapes inputShapes = new InputShapes();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    InvertReport report;
    try (ProgressDisplay progress = common.progress(spec.commandLine().getErr())) {
      report = Pleat.invert(request(), progress);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      new InvertSummary(report).lines().forEach(out::println);
    }
    return 0;
  }

  /** What the options ask for. */
  InvertRequest request() {
    return new InvertRequest(
        model,
        output,
        sheet,
        size,
        force,
        new InversionOptions(
            optional(images),
            optional(steps),
            InversionOptions.USUAL_STEPS,
            optional(batch),
            common.seed(),
            common.threads(),
            InversionOptions.USUAL_WORK,
            inputShapes.byName(),
            LossWeights.DEFAULT));
  }

  private static OptionalInt optional(Optional<Integer> value) {
    return value.map(OptionalInt::of).orElse(OptionalInt.empty());
  }
}
