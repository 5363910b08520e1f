package dev.pleat.core.group;

import dev.pleat.core.tensor.Tensor;

/** A tensor with every channel of a slot multiplied by a factor of its own. */
public final class ScaledChannels {
  private ScaledChannels() {}

  /**
   * The scaled tensor.
   *
   * @param tensor that of the slot; it stays as it is
   * @param factors one for each channel of the group
   */
  public static Tensor of(Tensor tensor, Slot slot, double[] factors) {
    float[] values = tensor.values().clone();
    AxisView view = AxisView.of(tensor.shape(), slot.axis(), slot.partitions());
    int[][] positions = slot.positions(factors.length);
    for (int i = 0; i < factors.length; i++) {
      double factor = factors[i];
      for (int position : positions[i]) {
        int start = view.start(position);
        for (int o = 0; o < view.outer(); o++) {
          int from = start + o * view.stride();
          for (int e = from; e < from + view.run(); e++) {
            values[e] = (float) (factor * values[e]);
          }
        }
      }
    }
    return new Tensor(tensor.shape(), values);
  }
}
