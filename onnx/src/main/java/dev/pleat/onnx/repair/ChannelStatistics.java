package dev.pleat.onnx.repair;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.walk.NetworkRun;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Mean and variance of an activation along one axis, over all other axes and all inputs. Sums run
 * in double in one order, whatever the number of threads.
 *
 * @param mean of each position
 * @param variance of each position, the mean squared deviation
 * @param samples values that each is taken over
 */
record ChannelStatistics(double[] mean, double[] variance, long samples) {

  /**
   * Measures an activation.
   *
   * @param axis counted from the front, or from the back when negative
   * @param layer how messages call the layer
   * @throws PleatException when a value is not finite
   */
  static ChannelStatistics of(NetworkRun run, String value, int axis, String layer) {
    double[] sum = {};
    double[] squares = {};
    long samples = 0;
    for (int b = 0; b < run.batches().size(); b++) {
      TensorValue.Floats floats = floats(run.value(b, value), layer);
      Extent extent = Extent.of(floats.shape(), axis);
      if (b == 0) {
        sum = new double[extent.size()];
        squares = new double[extent.size()];
      }
      add(floats.values(), extent, sum, squares);
      samples += (long) extent.outer() * extent.inner();
    }
    for (int c = 0; c < sum.length; c++) {
      sum[c] /= samples;
      squares[c] = Math.max(0, squares[c] / samples - sum[c] * sum[c]);
      if (!Double.isFinite(sum[c]) || !Double.isFinite(squares[c])) {
        throw notFinite(run, layer);
      }
    }
    return new ChannelStatistics(sum, squares, samples);
  }

  /** What to say when a layer reads or gives a value that is no finite number. */
  static PleatException notFinite(NetworkRun run, String layer) {
    return new PleatException(
        "%s: %s meets NaN or infinity on these inputs; check --mean, --std and the inputs, or use --repair approximate"
            .formatted(run.network().name(), layer));
  }

  static TensorValue.Floats floats(TensorValue value, String layer) {
    if (value instanceof TensorValue.Floats floats && floats.shape().length > 0) {
      return floats;
    }
    throw new PleatException(layer + " has an activation that is not floating point");
  }

  private static void add(float[] values, Extent extent, double[] sum, double[] squares) {
    if (extent.inner() == 1) {
      for (int o = 0; o < extent.outer(); o++) {
        for (int c = 0; c < extent.size(); c++) {
          double value = values[o * extent.size() + c];
          sum[c] += value;
          squares[c] += value * value;
        }
      }
      return;
    }
    IntStream.range(0, extent.size())
        .parallel()
        .forEach(c -> {
          double s = 0;
          double q = 0;
          for (int o = 0; o < extent.outer(); o++) {
            int from = extent.start(o, c);
            for (int i = from; i < from + extent.inner(); i++) {
              s += values[i];
              q += (double) values[i] * values[i];
            }
          }
          sum[c] += s;
          squares[c] += q;
        });
  }

  /** √variance of each position. */
  double[] deviation() {
    return Arrays.stream(variance).map(Math::sqrt).toArray();
  }
}
