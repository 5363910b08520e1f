package dev.pleat.onnx.repair;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.InputBatch;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Inputs for want of any better: normal noise, and numbers of tokens drawn evenly from the
 * vocabulary that an embedding has.
 */
public final class GeneratedCalibration implements CalibrationInputs {
  /** Values of all inputs. */
  private static final long MOST_VALUES = 1L << 24;

  private static final int FEWEST = 4;

  private final int count;
  private final long seed;
  private final Example example;
  private final Map<String, Integer> vocabularies;

  /**
   * Inputs that a model runs on.
   *
   * @param whole those that are the same for any number of inputs
   */
  private record Example(Map<String, TensorValue> values, Set<String> whole) {}

  private GeneratedCalibration(
      int count, long seed, Example example, Map<String, Integer> vocabularies) {
    this.count = count;
    this.seed = seed;
    this.example = example;
    this.vocabularies = vocabularies;
  }

  /**
   * Inputs for a model.
   *
   * @param count how many
   * @param seed the same seed gives the same inputs
   * @throws PleatException when the model does not run, or one input has too many values
   */
  public static GeneratedCalibration of(
      OnnxModel model, Map<String, long[]> inputShapes, int count, long seed, int threads) {
    return new GeneratedCalibration(
        count, seed, example(model, inputShapes, seed, threads), vocabularies(model));
  }

  /**
   * Inputs for a model, fewer where one has millions of values.
   *
   * @param most how many at most, 4 or more
   * @param seed the same seed gives the same inputs
   * @throws PleatException when the model does not run, or one input has too many values
   */
  public static GeneratedCalibration atMost(
      int most, OnnxModel model, Map<String, long[]> inputShapes, long seed, int threads) {
    Example example = example(model, inputShapes, seed, threads);
    long values = 1;
    for (TensorValue value : example.values.values()) {
      values += TensorValue.elements(value.shape());
    }
    int count = (int) Math.clamp(MOST_VALUES / values, FEWEST, most);
    return new GeneratedCalibration(count, seed, example, vocabularies(model));
  }

  private static Example example(
      OnnxModel model, Map<String, long[]> inputShapes, long seed, int threads) {
    try (OnnxSession session = OnnxSession.open(model.file(), threads)) {
      Map<String, TensorValue> values = GeneratedInputs.firstThatRuns(session, inputShapes, seed);
      GeneratedInputs.requireUsual(model.file(), values);
      return new Example(values, InputBatch.of(session.inputs()).whole());
    }
  }

  /** Rows of the table that each input looks up, by input. */
  private static Map<String, Integer> vocabularies(OnnxModel model) {
    Map<String, Integer> rows = new HashMap<>();
    for (NodeProto node : model.nodes()) {
      if (node.getOpType().equals("Gather") && node.getInputCount() == 2) {
        Constant table = model.constants().get(node.getInput(0));
        if (table != null && table.isFloat() && table.shape().length == 2) {
          rows.merge(node.getInput(1), table.shape()[0], Math::min);
        }
      }
    }
    return rows;
  }

  @Override
  public String description() {
    return count + " generated inputs";
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public Map<String, TensorValue> batch(int from, int to) {
    Map<String, TensorValue> batch = new LinkedHashMap<>();
    example.values.forEach((name, value) ->
        batch.put(name, example.whole.contains(name) ? value : fill(name, value, from, to)));
    return batch;
  }

  /** Every entry has its own stream of numbers, so that it does not depend on the batch. */
  private TensorValue fill(String name, TensorValue value, int from, int to) {
    if (value.shape().length == 0) {
      return value; // One number for all entries.
    }
    long[] shape = value.shape().clone();
    int row = TensorValue.elements(shape) / Math.max(1, (int) shape[0]);
    shape[0] = to - from;
    return switch (value) {
      case TensorValue.Floats floats -> {
        float[] values = new float[row * (to - from)];
        for (int i = from; i < to; i++) {
          SplittableRandom random = random(name, i);
          for (int j = 0; j < row; j++) {
            values[(i - from) * row + j] = (float) random.nextGaussian();
          }
        }
        yield new TensorValue.Floats(shape, values);
      }
      case TensorValue.Integers(long[] unused, long[] first) -> {
        int vocabulary = vocabularies.getOrDefault(name, 0);
        long[] values = new long[row * (to - from)];
        for (int i = from; i < to; i++) {
          SplittableRandom random = random(name, i);
          for (int j = 0; j < row; j++) {
            values[(i - from) * row + j] =
                vocabulary > 2 ? random.nextInt(vocabulary) : first[j % first.length];
          }
        }
        yield new TensorValue.Integers(shape, values);
      }
    };
  }

  private SplittableRandom random(String name, int entry) {
    return new SplittableRandom(seed ^ name.hashCode() ^ (0x9E3779B97F4A7C15L * (entry + 1)));
  }
}
