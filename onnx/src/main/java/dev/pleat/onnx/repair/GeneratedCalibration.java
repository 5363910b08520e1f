package dev.pleat.onnx.repair;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.InputBatch;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.text.SampleText;
import dev.pleat.onnx.text.TokenInputs;
import dev.pleat.onnx.text.TokenSequences;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inputs for want of any better: normal noise, and numbers of tokens, which are those of a text
 * where the tokenizer lies beside the model, else drawn evenly from the vocabulary that an
 * embedding has.
 */
public final class GeneratedCalibration implements CalibrationInputs {
  private static final Logger LOG = LoggerFactory.getLogger(GeneratedCalibration.class);

  /** Values of all inputs. */
  private static final long MOST_VALUES = 1L << 24;

  private static final int FEWEST = 4;

  /** Tokens of a sequence where the network takes any number. */
  private static final int USUAL_TOKENS = 64;

  private final int count;
  private final long seed;
  private final Example example;
  private final SampleText.Reading text;
  private final TokenSequences sequences;

  /**
   * Inputs that a model runs on.
   *
   * @param whole those that are the same for any number of inputs
   */
  private record Example(Map<String, TensorValue> values, Set<String> whole) {
    boolean hasMask() {
      return values.keySet().stream().anyMatch(TokenSequences::isMask);
    }

    /** Values of the longest input, at least 1. */
    int longest() {
      return values.values().stream()
          .mapToInt(value -> TensorValue.elements(value.shape()) / (int) Math.max(1, first(value)))
          .reduce(1, Math::max);
    }

    private static long first(TensorValue value) {
      return value.shape().length == 0 ? 1 : value.shape()[0];
    }
  }

  private GeneratedCalibration(
      int count, long seed, Example example, OnnxModel model, SampleText.Reading text) {
    this.count = count;
    this.seed = seed;
    this.example = example;
    this.text = text;
    this.sequences =
        new TokenSequences(
            seed, count, TokenInputs.of(model).rows(), text.tokens(), example.hasMask());
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
        count, seed, example(model, inputShapes, seed, threads), model, text(model));
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
    SampleText.Reading text = text(model);
    // Passages that overlap would tell what is held out of the fit.
    int passages = text.tokens().map(t -> t.tokens().length / example.longest()).orElse(most);
    int count = (int) Math.clamp(Math.min(MOST_VALUES / values, passages), FEWEST, most);
    return new GeneratedCalibration(count, seed, example, model, text);
  }

  private static Example example(
      OnnxModel model, Map<String, long[]> inputShapes, long seed, int threads) {
    try (OnnxSession session = OnnxSession.open(model.file(), threads)) {
      Map<String, TensorValue> values = firstThatRuns(model, session, inputShapes, seed);
      GeneratedInputs.requireUsual(model.file(), values);
      return new Example(values, InputBatch.of(session.inputs()).whole());
    }
  }

  /** Sequences are longer than what runs first, if the network takes any number of tokens. */
  private static Map<String, TensorValue> firstThatRuns(
      OnnxModel model, OnnxSession session, Map<String, long[]> inputShapes, long seed) {
    Map<String, Integer> vocabularies = TokenInputs.of(model).rows();
    Map<String, long[]> longer = new HashMap<>();
    for (TensorType input : session.inputs()) {
      long[] declared = input.shape();
      boolean isSequence = declared.length == 2 && declared[1] < 0 && input.isOfTokens();
      if (isSequence && inputShapes.isEmpty() && !vocabularies.isEmpty()) {
        longer.put(input.name(), new long[] {Math.max(1, declared[0]), USUAL_TOKENS});
      }
    }
    if (!longer.isEmpty()) {
      try {
        return GeneratedInputs.firstThatRuns(session, longer, seed);
      } catch (PleatException e) {
        LOG.debug("{} does not run on {} tokens", model.file(), USUAL_TOKENS, e);
      }
    }
    return GeneratedInputs.firstThatRuns(session, inputShapes, seed);
  }

  /** A text in the tokens of the model, where that can be and the numbers fit. */
  private static SampleText.Reading text(OnnxModel model) {
    return TokenInputs.of(model).rows().values().stream()
        .max(Integer::compare)
        .map(rows -> SampleText.of(model.file(), rows))
        .orElseGet(() -> new SampleText.Reading(Optional.empty(), ""));
  }

  /** Why these are no texts although a tokenizer lies beside the model; else empty. */
  public String obstacle() {
    return text.obstacle();
  }

  @Override
  public String description() {
    return text.tokens()
        .map(t -> "%d texts, read by %s".formatted(count, t.tokenizer().getFileName()))
        .orElse(count + " generated inputs");
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
          SplittableRandom random = TokenSequences.random(seed, name, i);
          long[] tokens =
              sequences.hasTokens(name)
                  ? sequences.row(name, i, new long[row], shape.length == 2)
                  : new long[0];
          for (int j = 0; j < row; j++) {
            values[(i - from) * row + j] =
                tokens.length > 0 ? tokens[j] : (float) random.nextGaussian();
          }
        }
        yield new TensorValue.Floats(shape, values);
      }
      case TensorValue.Integers(long[] unused, long[] first) -> {
        long[] usual = Arrays.copyOf(first, row);
        long[] values = new long[row * (to - from)];
        for (int i = from; i < to; i++) {
          long[] own = sequences.row(name, i, usual, shape.length == 2);
          System.arraycopy(own, 0, values, (i - from) * row, row);
        }
        yield new TensorValue.Integers(shape, values);
      }
    };
  }
}
