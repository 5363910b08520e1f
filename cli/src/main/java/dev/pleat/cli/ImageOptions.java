package dev.pleat.cli;

import dev.pleat.onnx.data.ImageSize;
import dev.pleat.onnx.data.Layout;
import dev.pleat.onnx.data.Preprocessing;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that say how pixels become inputs. */
final class ImageOptions {

  @Option(
      names = "--mean",
      order = 25,
      split = ",",
      paramLabel = "M",
      converter = Converters.Finite.class,
      description = "Subtract from pixel/255: one number, or one per channel. Default: 0.")
  private List<Double> mean = List.of(0.0);

  @Option(
      names = "--std",
      order = 26,
      split = ",",
      paramLabel = "S",
      converter = Converters.Scale.class,
      description = "Then divide by: one number, or one per channel. Default: 1.")
  private List<Double> std = List.of(1.0);

  @Option(
      names = "--layout",
      order = 27,
      paramLabel = "NAME",
      converter = Converters.LayoutName.class,
      description = "nchw or nhwc. Default: as the model's input looks.")
  private Optional<Layout> layout = Optional.empty();

  /**
   * What the options ask for.
   *
   * @param size images are resized to this; each command has its own name for that option
   */
  Preprocessing preprocessing(Optional<ImageSize> size) {
    return new Preprocessing(mean, std, size, layout);
  }
}
