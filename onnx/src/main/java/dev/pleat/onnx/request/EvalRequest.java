package dev.pleat.onnx.request;

import dev.pleat.core.PleatException;
import dev.pleat.core.Setting;
import dev.pleat.onnx.data.Preprocessing;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One evaluation of one ONNX file.
 *
 * @param model the model
 * @param images where images are: a folder, an IDX file or CIFAR binaries; empty to time only
 * @param labels an IDX file of labels, for images that carry none
 * @param preprocessing how pixels become inputs
 * @param inputs an .npy or .npz file with an array for each input, for models that take no images;
 *     the outputs on it are compared with the original's
 * @param against the original, to measure agreement with
 * @param batch images in one run; empty for the model's fixed batch, or 64
 * @param threads threads of one run, at least 1
 * @param latencyBatch samples in one timed run where the model leaves it open, at least 1
 * @param inputShapes shapes of inputs by name where the model leaves dimensions open; {@code *} is
 *     the only input
 * @param outputName the output that is judged; empty for the first that looks like a classifier's
 */
public record EvalRequest(
    Path model,
    Optional<Path> images,
    Optional<Path> labels,
    Preprocessing preprocessing,
    Optional<Path> inputs,
    Optional<Path> against,
    OptionalInt batch,
    int threads,
    int latencyBatch,
    Map<String, long[]> inputShapes,
    Optional<String> outputName) {

  /**
   * Checks what can be checked without opening a file.
   *
   * @throws PleatException when a number is below 1, there are labels without images, or images and
   *     other inputs
   */
  public EvalRequest {
    inputShapes = Map.copyOf(inputShapes);
    if (labels.isPresent() && images.isEmpty()) {
      throw PleatException.naming(
          "%s needs %s", Setting.of("labels", labels.get()), Setting.of("images"));
    }
    if (inputs.isPresent() && images.isPresent()) {
      throw PleatException.naming(
          "%s and %s: give one of them",
          Setting.of("inputs", inputs.get()), Setting.of("images", images.get()));
    }
    atLeastOne("batch", batch.orElse(1));
    atLeastOne("threads", threads);
    atLeastOne("latency-batch", latencyBatch);
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw PleatException.naming("%s is %d; give at least 1", Setting.of(name), value);
    }
  }

  /** Size and latency of a model, with one thread per processor. */
  public static EvalRequest of(Path model) {
    return new EvalRequest(
        model,
        Optional.empty(),
        Optional.empty(),
        Preprocessing.plain(),
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        Runtime.getRuntime().availableProcessors(),
        1,
        Map.of(),
        Optional.empty());
  }

  /** The same with images and, where they carry none, their labels. */
  public EvalRequest withImages(Path where, Optional<Path> labelFile, Preprocessing how) {
    return new EvalRequest(
        model,
        Optional.of(where),
        labelFile,
        how,
        inputs,
        against,
        batch,
        threads,
        latencyBatch,
        inputShapes,
        outputName);
  }

  /** The same with the inputs of a tensor file. */
  public EvalRequest withInputs(Path file) {
    return new EvalRequest(
        model,
        images,
        labels,
        preprocessing,
        Optional.of(file),
        against,
        batch,
        threads,
        latencyBatch,
        inputShapes,
        outputName);
  }

  /** The same, compared with an original. */
  public EvalRequest withAgainst(Path original) {
    return new EvalRequest(
        model,
        images,
        labels,
        preprocessing,
        inputs,
        Optional.of(original),
        batch,
        threads,
        latencyBatch,
        inputShapes,
        outputName);
  }
}
