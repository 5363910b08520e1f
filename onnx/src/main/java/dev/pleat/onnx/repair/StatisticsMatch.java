package dev.pleat.onnx.repair;

import dev.pleat.core.PleatException;
import dev.pleat.core.group.AxisView;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.walk.NetworkRun;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gives the channels of the folded network the mean and the variance that the original's have on
 * the same inputs (REPAIR, 2211.08403, with the original measured on the inputs too, so that inputs
 * which do not quite have the statistics of the training data do no harm). A merged channel's
 * targets are the means of its members' means and deviations.
 */
final class StatisticsMatch {
  /** Below this, a deviation is that of a dead channel. */
  private static final double DEAD = 1e-6;

  /** The share of its layer's deviation from which on a channel's counts in variance ratios. */
  private static final double QUIET = 1e-2;

  /** A variance of fewer values is off by a quarter and more. */
  private static final long FEWEST_SAMPLES = 32;

  /** No factor that a weight gets is further from 1 than this. */
  private static final double LARGEST_FACTOR = 10;

  private final TensorStore weights;
  private final TensorOverlay tensors;
  private final NetworkRun original;
  private final NetworkRun folded;

  /**
   * A match.
   *
   * @param weights the original's tensors by use
   * @param tensors the folded tensors by use, which are replaced
   */
  StatisticsMatch(
      TensorStore weights, TensorOverlay tensors, NetworkRun original, NetworkRun folded) {
    this.weights = weights;
    this.tensors = tensors;
    this.original = original;
    this.folded = folded;
  }

  /**
   * Sets the running statistics of a batch normalisation to those of what it reads, as is right on
   * inputs like those that the network was trained on.
   *
   * @return the variance ratios of its channels by group, −1 for none
   */
  Map<Integer, VarianceRatios> reset(Station.Statistics station) {
    ChannelStatistics read = measure(station);
    double[] wanted = new double[read.mean().length];
    Arrays.fill(wanted, 1);
    return set(station, read, read.mean(), read.variance(), wanted);
  }

  /**
   * Sets the running statistics of a batch normalisation so that what it gives has the mean and the
   * deviation, before scale and shift, that the original gives on the same inputs. On inputs of the
   * training data these are 0 and 1; on inputs that were made or drawn they are not.
   *
   * @return the variance ratios of its channels by group, −1 for none
   */
  Map<Integer, VarianceRatios> matchOriginal(Station.Statistics station) {
    ChannelStatistics read = measure(station);
    ChannelStatistics before = ChannelStatistics.of(original, station.value(), 1, station.layer());
    float[] running = weights.read(station.originalMean()).values();
    float[] spread = weights.read(station.originalVariance()).values();
    double[] centre = before.mean();
    double[] deviation = before.deviation();
    for (int c = 0; c < centre.length; c++) {
      double unit = Math.sqrt(spread[c] + station.epsilon());
      centre[c] = (centre[c] - running[c]) / unit;
      deviation[c] /= unit;
    }
    centre = station.channels().mean(centre);
    deviation = station.channels().mean(deviation);
    float[] present = tensors.read(station.variance()).values();
    double[] mean = new double[centre.length];
    double[] variance = new double[centre.length];
    for (int c = 0; c < mean.length; c++) {
      double now = Math.sqrt(present[c] + station.epsilon());
      double actual = Math.sqrt(read.variance()[c]);
      boolean alive = actual > DEAD * now && deviation[c] > DEAD;
      double unit =
          alive
              ? Math.clamp(actual / deviation[c], now / LARGEST_FACTOR, now * LARGEST_FACTOR)
              : now;
      mean[c] = read.mean()[c] - centre[c] * unit;
      variance[c] = Math.max(0, unit * unit - station.epsilon());
    }
    return set(station, read, mean, variance, deviation);
  }

  private ChannelStatistics measure(Station.Statistics station) {
    ChannelStatistics read = ChannelStatistics.of(folded, station.value(), 1, station.layer());
    checkSamples(station, read);
    return read;
  }

  /** Sets statistics; {@code wanted} is the deviation that they are to give. */
  private Map<Integer, VarianceRatios> set(
      Station.Statistics station,
      ChannelStatistics read,
      double[] mean,
      double[] variance,
      double[] wanted) {
    float[] present = tensors.read(station.variance()).values();
    float[] means = new float[present.length];
    float[] variances = new float[present.length];
    double floor = floor(wanted);
    Map<Integer, VarianceRatios> ratios = new TreeMap<>();
    for (int c = 0; c < means.length; c++) {
      means[c] = (float) mean[c];
      variances[c] = (float) variance[c];
      double was = Math.sqrt(read.variance()[c] / (present[c] + station.epsilon()));
      double is = Math.sqrt(read.variance()[c] / (variances[c] + station.epsilon()));
      ratios.merge(
          station.groups()[c],
          new VarianceRatios(ratio(was, wanted[c], floor), ratio(is, wanted[c], floor), 1),
          VarianceRatios::and);
    }
    tensors.write(station.mean(), new Tensor(new int[] {means.length}, means));
    tensors.write(station.variance(), new Tensor(new int[] {means.length}, variances));
    return ratios;
  }

  private void checkSamples(Station.Statistics station, ChannelStatistics measured) {
    if (measured.samples() < FEWEST_SAMPLES) {
      int inputs = original.batches().getLast().to();
      throw new PleatException(
          "%s sees %d values of each channel in %d inputs, too few for a variance; give at least %d inputs"
              .formatted(
                  station.layer(),
                  measured.samples(),
                  inputs,
                  (FEWEST_SAMPLES * inputs + measured.samples() - 1) / measured.samples()));
    }
  }

  /**
   * Moves a bias, and scales the rows that belong to it where there are any.
   *
   * @return the variance ratios of its channels by group, −1 for none
   */
  Map<Integer, VarianceRatios> match(Station.Bias station) {
    ChannelStatistics before =
        ChannelStatistics.of(original, station.value(), station.axis(), station.layer());
    ChannelStatistics after =
        ChannelStatistics.of(folded, station.value(), station.axis(), station.layer());
    double[] mean = station.channels().mean(before.mean());
    double[] deviation = station.channels().mean(before.deviation());
    double[] factor = new double[mean.length];
    double[] offset = new double[mean.length];
    double floor = floor(deviation);
    Map<Integer, VarianceRatios> ratios = new TreeMap<>();
    for (int c = 0; c < factor.length; c++) {
      double actual = Math.sqrt(after.variance()[c]);
      boolean scale = station.weight().isPresent() && actual > DEAD && deviation[c] > DEAD;
      factor[c] = scale ? Math.clamp(deviation[c] / actual, 1 / LARGEST_FACTOR, LARGEST_FACTOR) : 1;
      offset[c] = mean[c] - factor[c] * after.mean()[c];
      ratios.merge(
          station.groups()[c],
          new VarianceRatios(
              ratio(actual, deviation[c], floor),
              ratio(factor[c] * actual, deviation[c], floor),
              1),
          VarianceRatios::and);
    }
    station.weight().ifPresent(slot -> scaleRows(slot, factor));
    Tensor bias = tensors.read(station.bias());
    float[] moved = bias.values().clone();
    for (int c = 0; c < moved.length; c++) {
      moved[c] = (float) (factor[c] * moved[c] + offset[c]);
    }
    tensors.write(station.bias(), new Tensor(bias.shape(), moved));
    for (int b = 0; b < folded.batches().size(); b++) {
      folded.put(
          b, station.value(), moved(folded.value(b, station.value()), station, factor, offset));
    }
    return ratios;
  }

  /**
   * What no deviation is held to be below: one channel of rounding errors would rule the mean of
   * its layer's variance ratios.
   */
  private static double floor(double[] deviations) {
    double squares = 0;
    for (double deviation : deviations) {
      squares += deviation * deviation;
    }
    return Math.max(DEAD, QUIET * Math.sqrt(squares / deviations.length));
  }

  private static double ratio(double now, double wanted, double floor) {
    double quotient = Math.max(now, floor) / Math.max(wanted, floor);
    return quotient * quotient;
  }

  private void scaleRows(Slot slot, double[] factor) {
    Tensor weight = tensors.read(slot.tensor());
    float[] values = weight.values().clone();
    AxisView view = AxisView.of(weight.shape(), slot.axis(), slot.partitions());
    for (int q = 0; q < factor.length; q++) {
      for (int o = 0; o < view.outer(); o++) {
        int start = view.start(q) + o * view.stride();
        for (int r = start; r < start + view.run(); r++) {
          values[r] = (float) (values[r] * factor[q]);
        }
      }
    }
    tensors.write(slot.tensor(), new Tensor(weight.shape(), values));
  }

  private static TensorValue moved(
      TensorValue value, Station.Bias station, double[] factor, double[] offset) {
    TensorValue.Floats floats = ChannelStatistics.floats(value, station.layer());
    float[] values = floats.values().clone();
    Extent extent = Extent.of(floats.shape(), station.axis());
    for (int block = 0; block < extent.outer(); block++) {
      for (int c = 0; c < extent.size(); c++) {
        int start = extent.start(block, c);
        for (int i = start; i < start + extent.inner(); i++) {
          values[i] = (float) (factor[c] * values[i] + offset[c]);
        }
      }
    }
    return new TensorValue.Floats(floats.shape(), values);
  }
}
