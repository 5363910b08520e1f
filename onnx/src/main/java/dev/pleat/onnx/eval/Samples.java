package dev.pleat.onnx.eval;

import dev.pleat.onnx.data.ImageInput;
import dev.pleat.onnx.data.ImageSet;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The inputs that a model is timed on.
 *
 * @param inputs values by input name
 * @param batch samples in them
 */
public record Samples(Map<String, TensorValue> inputs, int batch) {
  /** Samples in a run that is about throughput. */
  private static final int THROUGHPUT = 32;

  /** Values of its inputs, as far as they leave more than one sample: activations take memory. */
  private static final long THROUGHPUT_VALUES = 1 << 20;

  /** As many samples like these as a run that is about throughput has, at least 2. */
  int throughput() {
    long values =
        inputs.values().stream().mapToLong(v -> TensorValue.elements(v.shape())).sum()
            / Math.max(1, batch);
    return (int) Math.clamp(THROUGHPUT_VALUES / Math.max(1, values), 2, THROUGHPUT);
  }

  /** The first image, repeated; a batch that the model fixes comes before the wanted one. */
  static Samples ofImage(ImageSet images, ImageInput input, int wanted) {
    int batch = input.fixedBatch().orElse(wanted);
    return new Samples(Map.of(input.name(), input.batch(images, 0, 1, batch)), batch);
  }

  /**
   * Generated ones; a batch that the model or a given shape fixes comes before the wanted one.
   *
   * @param runs inputs that the model is known to run on
   * @param given shapes by input name that the user gave
   * @throws dev.pleat.core.PleatException when the model does not run on so many
   */
  public static Samples generated(
      OnnxSession session, Map<String, TensorValue> runs, Map<String, long[]> given, int wanted) {
    Map<String, long[]> shapes = new LinkedHashMap<>(GeneratedInputs.shapes(runs));
    int batch = 1;
    for (TensorType type : session.inputs()) {
      long[] shape = shapes.getOrDefault(type.name(), new long[0]).clone();
      if (shape.length == 0) {
        continue;
      }
      boolean free =
          type.shape()[0] < 0 && !given.containsKey(type.name()) && !given.containsKey("*");
      // What runs may be 2 where 1 does not.
      if (free && wanted > 1) {
        shape[0] = wanted;
        shapes.put(type.name(), shape);
      }
      batch =
          type.name().equals(session.inputs().getFirst().name())
              ? Math.toIntExact(shape[0])
              : batch;
    }
    return new Samples(GeneratedInputs.firstThatRuns(session, shapes, 0), batch);
  }
}
