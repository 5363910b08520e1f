package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import java.util.List;
import java.util.Optional;

/**
 * How pixels become inputs: {@code (pixel / 255 - mean) / std}.
 *
 * @param mean one value, or one per channel, in units of pixel / 255
 * @param std one value, or one per channel, in units of pixel / 255, above 0
 * @param size images are resized to this; empty to take them as they are
 * @param layout the order of the input's axes; empty to see it from the model
 */
public record Preprocessing(
    List<Double> mean, List<Double> std, Optional<ImageSize> size, Optional<Layout> layout) {

  /**
   * Checks the values.
   *
   * @throws PleatException when a list is empty or a value is out of range
   */
  public Preprocessing {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (mean.isEmpty() || !mean.stream().allMatch(Double::isFinite)) {
      throw new PleatException(
          "--mean is %s; give one number, or one per channel, in units of pixel/255"
              .formatted(mean));
    }
    if (std.isEmpty() || !std.stream().allMatch(s -> Double.isFinite(s) && s > 0)) {
      throw new PleatException(
          "--std is %s; give one number above 0, or one per channel, in units of pixel/255"
              .formatted(std));
    }
  }

  /** Pixels over 255, unresized, in the layout that the model shows. */
  public static Preprocessing plain() {
    return new Preprocessing(List.of(0.0), List.of(1.0), Optional.empty(), Optional.empty());
  }
}
