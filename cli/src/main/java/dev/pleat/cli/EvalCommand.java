package dev.pleat.cli;

import dev.pleat.Pleat;
import dev.pleat.cli.terminal.ProgressDisplay;
import dev.pleat.core.report.EvalReport;
import dev.pleat.json.Json;
import dev.pleat.onnx.data.ImageSize;
import dev.pleat.onnx.request.EvalRequest;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pleat eval}: measures a model, alone or against the one it was folded from. */
@Command(
    name = "eval",
    description = {
      "Measure a network: accuracy or perplexity, agreement with the original, latency, size.",
      "Images are a folder with one folder per class, IDX files (.gz too) or CIFAR binaries;",
      "agreement needs no labels."
    },
    sortOptions = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  pleat eval small.onnx",
      "      latency and size only",
      "  pleat eval small.onnx --images test/ --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 \\",
      "      --size 224x224",
      "      a folder per class, normalised as for ImageNet",
      "  pleat eval small.onnx --images t10k-images.idx3-ubyte.gz --labels t10k-labels.idx1-ubyte.gz",
      "  pleat eval small.onnx --against model.onnx --images photos/",
      "      how often both agree, without labels",
      "  pleat eval encoder-small.onnx --against encoder.onnx --inputs sentences.npz",
      "      how far embeddings keep their direction and their order of similarity",
      "  pleat eval small/ --text wiki.test.raw --context 2048 --against model/",
      "      perplexity of a language model, and its divergence from the original",
      "  pleat eval small/ --task piqa-valid.jsonl --against model/",
      "      how many questions it answers, and how many fewer than the original"
    })
final class EvalCommand implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The .onnx file or model directory to measure.")
  private Path model = Path.of("");

  @Mixin private EvaluationData data = new EvaluationData();

  @Option(
      names = "--against",
      order = 5,
      paramLabel = "ORIGINAL",
      description = "The model to compare outputs with.")
  private Optional<Path> against = Optional.empty();

  @Option(
      names = {"--size", "--image-size"},
      order = 24,
      paramLabel = "HxW",
      converter = Converters.Pixels.class,
      description = "Resize images to this height and width. Default: as they are.")
  private Optional<ImageSize> size = Optional.empty();

  @Mixin private ImageOptions imageOptions = new ImageOptions();

  @Option(
      names = "--batch",
      order = 20,
      paramLabel = "N",
      converter = Converters.Positive.class,
      description = "Images in one run. Default: the model's fixed batch, or 64.")
  private Optional<Integer> batch = Optional.empty();

  @Option(
      names = "--latency-batch",
      order = 21,
      paramLabel = "N",
      converter = Converters.Positive.class,
      description = "Samples in one timed run. Default: ${DEFAULT-VALUE}.")
  private int latencyBatch = 1;

  @Option(
      names = "--output-name",
      order = 22,
      paramLabel = "NAME",
      description = "The output to judge. Default: the first that looks like a classifier's.")
  private Optional<String> outputName = Optional.empty();

  @Mixin private TextOptions text = new TextOptions();
  @Mixin private InputShapes inputShapes = new InputShapes();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    KindOptions.forFiles(
        model,
        spec,
        "--labels",
        "--image-size",
        "--mean",
        "--std",
        "--layout",
        "--batch",
        "--latency-batch",
        "--output-name",
        "--input-shape");
    if (text.isFor(model, data.isGiven(), spec.commandLine())) {
      text.evaluate(model, against, common, spec.commandLine());
      return 0;
    }
    EvalRequest request = request();
    EvalReport report;
    try (ProgressDisplay progress = common.progress(spec.commandLine().getErr())) {
      report = Pleat.evaluate(request, progress);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      new EvalSummary(report).lines().forEach(out::println);
    }
    return 0;
  }

  /**
   * What the options ask for.
   *
   * @throws ParameterException when what to evaluate on does not go together
   */
  EvalRequest request() {
    data.check(spec.commandLine());
    return new EvalRequest(
        model,
        data.images(),
        data.labels(),
        imageOptions.preprocessing(size),
        data.inputs(),
        against,
        batch.map(OptionalInt::of).orElse(OptionalInt.empty()),
        common.threads(),
        latencyBatch,
        inputShapes.byName(),
        outputName);
  }
}
