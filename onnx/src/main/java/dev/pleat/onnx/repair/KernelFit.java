package dev.pleat.onnx.repair;

import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.reconstruct.ChannelMoments;
import dev.pleat.core.reconstruct.Reconstruction;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.walk.NetworkRun;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Fits every weight of a convolution's kernel, where {@link ConsumerFit} only mixes channels: the
 * layer's output in the folded network against its output in the original, by least squares over
 * the patches that the kernel covers. The ridge draws to the channel mix.
 */
final class KernelFit {
  /** Values under a kernel; with more, the k³ of the solution would take minutes. */
  static final int MOST_VALUES = 4608;

  /** Samples for each value that is fitted, as far as the inputs have them. */
  private static final int SAMPLES_PER_VALUE = 16;

  private static final int FEWEST_SAMPLES = 65_536;

  private final Station.Consumer station;
  private final Patches patches;
  private final NetworkRun original;
  private final NetworkRun folded;
  private final Blas blas = BlasProvider.shared();

  KernelFit(Station.Consumer station, Patches patches, NetworkRun original, NetworkRun folded) {
    this.station = station;
    this.patches = patches;
    this.original = original;
    this.folded = folded;
  }

  private static int samples(int values) {
    return Math.max(FEWEST_SAMPLES, SAMPLES_PER_VALUE * values);
  }

  /** Products of second moments that one fit takes, for so many values under the kernel. */
  static double products(int outputs, int values) {
    return (double) samples(values) * values * (values + outputs);
  }

  /**
   * The fitted weight.
   *
   * @param unread the weight with its outputs merged and its inputs not
   * @param prior the weight that the ridge draws to
   */
  Tensor fit(Tensor unread, Tensor prior) {
    int outputs = prior.shape()[0];
    int values = prior.shape()[1] * patches.size();
    ChannelMoments fitted = new ChannelMoments(outputs, values);
    ChannelMoments heldOut = new ChannelMoments(outputs, values);
    int images = original.batches().getLast().to();
    int wanted = samples(values) / images;
    try (LayerOutput layer = new LayerOutput(original, station.node(), unread)) {
      HeldOut split = new HeldOut(fitted, heldOut);
      for (int b = 0; b < original.batches().size(); b++) {
        TensorValue.Floats y =
            layer.run(
                ChannelStatistics.floats(original.value(b, station.value()), station.layer()));
        TensorValue.Floats g =
            ChannelStatistics.floats(folded.value(b, station.value()), station.layer());
        add(y, g, Math.max(1, wanted), values, split);
      }
      if (!split.isFinite()) {
        throw ChannelStatistics.notFinite(original, station.layer());
      }
    }
    double[] start = new double[prior.values().length];
    Arrays.setAll(start, i -> prior.values()[i]);
    double[] equal = new double[outputs];
    Arrays.fill(equal, 1);
    if (station.centred()) {
      fitted.centre();
      heldOut.centre();
    }
    double[] solved = Reconstruction.solve(fitted, heldOut, start, equal);
    float[] weight = new float[solved.length];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (float) solved[i];
    }
    return new Tensor(prior.shape(), weight);
  }

  /** Adds the samples of one batch, at most {@code wanted} places of each image. */
  private void add(
      TensorValue.Floats y, TensorValue.Floats g, int wanted, int values, HeldOut split) {
    int[] sizes = Arrays.stream(y.shape()).skip(2).mapToInt(Math::toIntExact).toArray();
    int area = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    int images = (int) y.shape()[0];
    int outputs = (int) y.shape()[1];
    int places = Math.min(wanted, area);
    int step = split.step(places, values);
    for (int from = 0; from < images; from += step) {
      int to = Math.min(images, from + step);
      int width = (to - from) * places;
      float[] covered = new float[values * width];
      float[] expected = new float[outputs * width];
      int first = from;
      IntStream.range(from, to)
          .parallel()
          .forEach(image -> {
            int[] chosen = places(image, places, area);
            int column = (image - first) * places;
            patches.gather(g, image, chosen, sizes, covered, width, column);
            for (int c = 0; c < outputs; c++) {
              int plane = (image * outputs + c) * area;
              for (int i = 0; i < places; i++) {
                expected[c * width + column + i] = y.values()[plane + chosen[i]];
              }
            }
          });
      split.next().add(expected, covered, width, blas);
    }
  }

  /** Places spread over the output, others for each image. */
  private static int[] places(int image, int count, int area) {
    int[] places = new int[count];
    Arrays.setAll(places, i -> (int) (((long) i * area / count + image) % area));
    return places;
  }
}
