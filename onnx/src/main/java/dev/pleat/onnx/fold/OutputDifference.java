package dev.pleat.onnx.fold;

import dev.pleat.onnx.run.TensorValue;
import java.util.Arrays;
import java.util.Map;

/** How far the outputs of two models are apart on the same inputs. */
final class OutputDifference {
  private OutputDifference() {}

  /**
   * Largest absolute difference of any output; infinite where outputs are missing, differ in shape,
   * or one is NaN where the other is not.
   */
  static double absolute(Map<String, TensorValue> a, Map<String, TensorValue> b) {
    if (!a.keySet().equals(b.keySet())) {
      return Double.POSITIVE_INFINITY;
    }
    return a.keySet().stream()
        .mapToDouble(name -> absolute(get(a, name), get(b, name)))
        .max()
        .orElse(0);
  }

  /**
   * Largest difference of any floating-point output relative to that output's largest magnitude.
   */
  static double relative(Map<String, TensorValue> a, Map<String, TensorValue> b) {
    double worst = 0;
    for (String name : a.keySet()) {
      if (b.containsKey(name)
          && get(a, name) instanceof TensorValue.Floats x
          && get(b, name) instanceof TensorValue.Floats y) {
        double scale = 0;
        for (float value : x.values()) {
          scale = Float.isFinite(value) ? Math.max(scale, Math.abs(value)) : scale;
        }
        double difference = absolute(x, y);
        worst = Math.max(worst, difference == 0 ? 0 : difference / Math.max(scale, 1e-30));
      }
    }
    return worst;
  }

  /**
   * Mean over the floating-point outputs of the squared difference from {@code a} relative to the
   * variance of {@code a}; not finite where an output is not.
   */
  static double meanSquared(Map<String, TensorValue> a, Map<String, TensorValue> b) {
    double sum = 0;
    int outputs = 0;
    for (String name : a.keySet()) {
      if (get(a, name) instanceof TensorValue.Floats x
          && get(b, name) instanceof TensorValue.Floats y) {
        double mean = 0;
        for (float value : x.values()) {
          mean += value / x.values().length;
        }
        double difference = 0;
        double variance = 0;
        for (int i = 0; i < x.values().length; i++) {
          difference += Math.pow((double) x.values()[i] - y.values()[i], 2);
          variance += Math.pow(x.values()[i] - mean, 2);
        }
        sum += difference == 0 ? 0 : difference / Math.max(variance, 1e-30);
        outputs++;
      }
    }
    return outputs == 0 ? 0 : sum / outputs;
  }

  private static TensorValue get(Map<String, TensorValue> values, String name) {
    return java.util.Objects.requireNonNull(values.get(name), name);
  }

  private static double absolute(TensorValue a, TensorValue b) {
    if (!Arrays.equals(a.shape(), b.shape())) {
      return Double.POSITIVE_INFINITY;
    }
    double largest = 0;
    if (a instanceof TensorValue.Floats(long[] s, float[] x)
        && b instanceof TensorValue.Floats(long[] t, float[] y)) {
      for (int i = 0; i < x.length; i++) {
        if (Float.floatToIntBits(x[i]) != Float.floatToIntBits(y[i])) {
          double difference = Math.abs((double) x[i] - y[i]);
          largest =
              Math.max(largest, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
        }
      }
    } else if (a instanceof TensorValue.Integers(long[] s, long[] x)
        && b instanceof TensorValue.Integers(long[] t, long[] y)) {
      for (int i = 0; i < x.length; i++) {
        largest = Math.max(largest, Math.abs((double) x[i] - y[i]));
      }
    } else {
      return Double.POSITIVE_INFINITY;
    }
    return largest;
  }
}
