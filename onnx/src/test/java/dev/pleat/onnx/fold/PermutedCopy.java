package dev.pleat.onnx.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.group.AxisView;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Normalization;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.ModelWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The same network with the channels of every group in another order, and with batch normalisations
 * that divide by other variances what their layers make larger or smaller.
 */
final class PermutedCopy {
  private final Random random;
  private final TracedModel model;
  private final TensorOverlay tensors;

  private PermutedCopy(TracedModel model, long seed) {
    this.model = model;
    this.tensors = new TensorOverlay(model.tensors());
    this.random = new Random(seed);
  }

  static void write(Path network, Path copy, long seed) {
    TracedModel model = TracedModel.of(ModelReader.read(network), Map.of(), 2).withoutHeads();
    new PermutedCopy(model, seed).write(copy);
  }

  /** The network as folding writes it, with nothing folded. */
  static void rewritten(Path network, Path copy) {
    TracedModel model = TracedModel.of(ModelReader.read(network), Map.of(), 2).withoutHeads();
    new PermutedCopy(model, 0).finish(copy);
  }

  private void write(Path copy) {
    for (ChannelGroup group : model.groups()) {
      for (Normalization normalization : group.normalizations()) {
        if (!normalization.producers().isEmpty()) {
          rescale(normalization, group.width());
        }
      }
      int[] order = order(group);
      group.slots().forEach(slot -> permute(slot, order));
    }
    finish(copy);
  }

  private void finish(Path copy) {
    List<Clustering> whole =
        model.groups().stream().map(group -> Clustering.identity(group.width())).toList();
    ModelWriter.write(model.model(), model.rewrite(whole, tensors, Map.of()), copy);
  }

  private int[] order(ChannelGroup group) {
    int[] order = new int[group.width()];
    for (int[] members : group.partitionMembers()) {
      List<Integer> shuffled = new ArrayList<>(Arrays.stream(members).boxed().toList());
      Collections.shuffle(shuffled, random);
      for (int i = 0; i < members.length; i++) {
        order[members[i]] = shuffled.get(i);
      }
    }
    return order;
  }

  private void permute(Slot slot, int[] order) {
    Tensor tensor = tensors.read(slot.tensor());
    float[] values = tensor.values().clone();
    AxisView view = AxisView.of(tensor.shape(), slot.axis(), slot.partitions());
    int[][] positions = slot.positions(order.length);
    for (int i = 0; i < order.length; i++) {
      for (int n = 0; n < positions[i].length; n++) {
        for (int o = 0; o < view.outer(); o++) {
          System.arraycopy(
              tensor.values(),
              view.start(positions[order[i]][n]) + o * view.stride(),
              values,
              view.start(positions[i][n]) + o * view.stride(),
              view.run());
        }
      }
    }
    tensors.write(slot.tensor(), new Tensor(tensor.shape(), values));
  }

  private void rescale(Normalization normalization, int width) {
    float[] factors = new float[width];
    for (int i = 0; i < width; i++) {
      factors[i] = (float) Math.exp(random.nextGaussian() / 2);
    }
    Stream.of(
            normalization.producers(),
            normalization.producerBiases(),
            List.of(normalization.mean()))
        .flatMap(List::stream)
        .forEach(slot -> scale(slot, factors));
    Slot variance = normalization.variance();
    Tensor tensor = tensors.read(variance.tensor());
    float[] values = tensor.values().clone();
    int[][] positions = variance.positions(width);
    for (int i = 0; i < width; i++) {
      double square = (double) factors[i] * factors[i];
      int at = positions[i][0];
      values[at] =
          (float) (square * (values[at] + normalization.epsilon()) - normalization.epsilon());
    }
    tensors.write(variance.tensor(), new Tensor(tensor.shape(), values));
  }

  private void scale(Slot slot, float[] factors) {
    Tensor tensor = tensors.read(slot.tensor());
    float[] values = tensor.values().clone();
    AxisView view = AxisView.of(tensor.shape(), slot.axis(), slot.partitions());
    int[][] positions = slot.positions(factors.length);
    for (int i = 0; i < factors.length; i++) {
      for (int position : positions[i]) {
        for (int o = 0; o < view.outer(); o++) {
          for (int r = 0; r < view.run(); r++) {
            values[view.start(position) + o * view.stride() + r] *= factors[i];
          }
        }
      }
    }
    tensors.write(slot.tensor(), new Tensor(tensor.shape(), values));
  }
}
