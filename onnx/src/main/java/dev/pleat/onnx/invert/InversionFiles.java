package dev.pleat.onnx.invert;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.InvertReport;
import dev.pleat.onnx.data.ImageSize;
import dev.pleat.onnx.data.TensorFile;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.output.OutputCheck;
import dev.pleat.onnx.output.StagedOutput;
import dev.pleat.onnx.request.InversionOptions;
import dev.pleat.onnx.request.InvertRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Makes inputs of a model and writes them. */
public final class InversionFiles {
  private final InvertRequest request;
  private final Progress progress;

  private InversionFiles(InvertRequest request, Progress progress) {
    this.request = request;
    this.progress = progress;
  }

  /**
   * Makes inputs and writes them, whole or not at all. Whether they can be written is known before
   * they are made.
   *
   * @throws PleatException when the model cannot be read, an output is the model or another output,
   *     exists and is not to be replaced, or cannot be written, the size does not fit, or for the
   *     reasons of {@link Inversion#run}
   */
  public static InvertReport make(InvertRequest request, Progress progress) {
    return new InversionFiles(request, progress).make();
  }

  private InvertReport make() {
    long start = System.nanoTime();
    Optional<Path> sheet = request.sheet();
    OutputCheck check = new OutputCheck().reads(request.model());
    check.writes("the images", request.output());
    sheet.ifPresent(path -> check.writes("their sheet", path));
    sheet.ifPresent(path -> StagedOutput.requireReplaceable(path, false, request.force()));
    StagedOutput.requireReplaceable(request.output(), false, request.force());
    OnnxModel model = ModelReader.read(request.model());
    InversionOptions options =
        request.size().map(size -> sized(model, size)).orElse(request.options());
    try (StagedOutput images = stage(request.output())) {
      if (sheet.isEmpty()) {
        return report(make(model, options, images), start);
      }
      try (StagedOutput drawn = stage(sheet.get())) {
        Inverted inverted = make(model, options, images);
        ContactSheet.write(
            drawn.model(),
            Pixels.of(model, inverted.input(), inverted.images().shape())
                .batch((int) inverted.images().shape()[0]),
            inverted.images());
        drawn.commit();
        return report(inverted, start);
      }
    }
  }

  private StagedOutput stage(Path output) {
    return StagedOutput.ofFile(List.of(request.model()), output, request.force());
  }

  private Inverted make(OnnxModel model, InversionOptions options, StagedOutput stage) {
    Inverted inverted = Inversion.run(model, options, progress);
    TensorFile.write(stage.model(), inverted.images());
    stage.commit();
    return inverted;
  }

  /** The options with the size as the shape of the model's input. */
  private InversionOptions sized(OnnxModel model, ImageSize size) {
    if (!request.options().inputShapes().isEmpty()) {
      throw new PleatException("--size %s beside --input-shape; give one of them".formatted(size));
    }
    var input =
        model.graph().getInputList().stream()
            .filter(value -> !model.constants().containsKey(value.getName()))
            .findFirst()
            .orElseThrow(
                () -> new PleatException("%s: the model has no input".formatted(model.file())));
    var dims = input.getType().getTensorType().getShape().getDimList();
    long[] shape =
        dims.stream().mapToLong(dim -> dim.hasDimValue() ? dim.getDimValue() : -1).toArray();
    if (shape.length != 4) {
      throw new PleatException(
          "--size %s: the input '%s' has %d dimensions and no height and width; leave it out"
              .formatted(size, input.getName(), shape.length));
    }
    int[] axes = Pixels.of(model, input.getName(), shape).spatialAxes();
    long[] wanted = shape.clone();
    wanted[0] = shape[0] < 0 ? 1 : shape[0];
    wanted[axes[0]] = size.height();
    wanted[axes[1]] = size.width();
    for (int d = 0; d < 4; d++) {
      if (wanted[d] < 0 || (shape[d] >= 0 && shape[d] != wanted[d])) {
        throw new PleatException(
            "--size %s does not fit the input '%s' %s (-1 is open); %s"
                .formatted(
                    size,
                    input.getName(),
                    Arrays.toString(shape),
                    wanted[d] < 0
                        ? "use --input-shape, which also says the channels"
                        : "leave it out"));
      }
    }
    return request.options().withInputShapes(Map.of(input.getName(), wanted));
  }

  private InvertReport report(Inverted inverted, long start) {
    LayerMatch worst =
        inverted.layers().stream()
            .max(Comparator.comparingDouble(LayerMatch::mismatch))
            .orElseThrow();
    List<Long> shape = new ArrayList<>();
    Arrays.stream(inverted.images().shape()).forEach(shape::add);
    return new InvertReport(
        request.model().toString(),
        request.output().toString(),
        request.sheet().map(Path::toString),
        inverted.input(),
        shape,
        new HashSet<>(inverted.labels()).size(),
        inverted.recognised().stream().boxed().findFirst(),
        inverted.layers().stream().mapToDouble(LayerMatch::mismatch).average().orElseThrow(),
        worst.layer(),
        worst.mismatch(),
        mean(inverted, losses -> losses.getFirst().total()),
        mean(inverted, losses -> losses.stream().mapToDouble(LossTerms::total).min().orElseThrow()),
        inverted.losses().stream().mapToInt(List::size).sum(),
        inverted.losses().size(),
        inverted.diverged(),
        inverted.reason(),
        request.options().seed(),
        (System.nanoTime() - start) / 1e9);
  }

  private static double mean(Inverted inverted, ToDoubleFunction<List<LossTerms>> figure) {
    return inverted.losses().stream().mapToDouble(figure).average().orElseThrow();
  }
}
