package dev.pleat.llm.run;

import dev.pleat.onnx.run.HeldOutputs;
import dev.pleat.onnx.run.TensorValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The beginning of a text that a model has read: its keys and values are kept, so that it can go on
 * in several ways. Made by {@link LanguageModel#begin}.
 */
public final class Reading implements AutoCloseable {
  private final LanguageModel model;
  private final Optional<HeldOutputs> held;
  private final int length;

  Reading(LanguageModel model, Optional<HeldOutputs> held, int length) {
    this.model = model;
    this.held = held;
    this.length = length;
  }

  /** Tokens that were read. */
  public int length() {
    return length;
  }

  /** Empty as long as nothing was read. */
  Optional<HeldOutputs> held() {
    return held;
  }

  /**
   * Reads on. This stays as it is.
   *
   * @param tokens at least one
   */
  public Reading goOn(int[] tokens) {
    return model.goOn(this, tokens);
  }

  /** Keys and values for several sequences that all begin like this, by the name of the input. */
  Map<String, TensorValue> repeated(Map<String, String> cache, int times) {
    Map<String, TensorValue> repeated = new LinkedHashMap<>();
    cache.forEach((output, input) -> {
      if (held.orElseThrow().value(output).orElseThrow()
          instanceof TensorValue.Floats(long[] shape, float[] v)) {
        float[] values = new float[Math.multiplyExact(times, v.length)];
        for (int t = 0; t < times; t++) {
          System.arraycopy(v, 0, values, t * v.length, v.length);
        }
        long[] wide = shape.clone();
        wide[0] = times;
        repeated.put(input, new TensorValue.Floats(wide, values));
      }
    });
    return repeated;
  }

  @Override
  public void close() {
    held.ifPresent(HeldOutputs::close);
  }
}
