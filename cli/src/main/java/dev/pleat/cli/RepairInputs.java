package dev.pleat.cli;

import dev.pleat.FileFold;
import dev.pleat.onnx.data.ImageSize;
import dev.pleat.onnx.data.Preprocessing;
import dev.pleat.onnx.request.Effort;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say what repairs run on, and how images are prepared. */
final class RepairInputs {

  @Option(
      names = "--data",
      paramLabel = "PATH",
      order = 22,
      description =
          "Unlabelled inputs to repair with: images as for eval, an .npy or .npz file, or "
              + "for a directory a text. Default: the network makes its own.")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--samples",
      paramLabel = "N",
      order = 23,
      converter = Converters.Inputs.class,
      description =
          "How many inputs to repair with. Default: 48 to 256 made or 192 to 512 drawn ones, up to "
              + "1024 given ones.")
  private Optional<Integer> samples = Optional.empty();

  @Option(
      names = "--effort",
      paramLabel = "LEVEL",
      order = 25,
      converter = Converters.EffortName.class,
      description =
          "Without --data: low draws inputs, normal (default) optimises as many as about three "
              + "minutes allow, high as many as a quarter of an hour does.")
  private Effort effort = Effort.NORMAL;

  @Option(
      names = "--image-size",
      order = 24,
      paramLabel = "HxW",
      converter = Converters.Pixels.class,
      description = "Resize images to this height and width. Default: as they are.")
  private Optional<ImageSize> imageSize = Optional.empty();

  @Mixin private ImageOptions imageOptions = new ImageOptions();

  Optional<Path> data() {
    return data;
  }

  /** The fold with repairs on these inputs. */
  FileFold applyTo(FileFold fold) {
    FileFold told =
        data.map(path -> fold.data(path, preprocessing())).orElseGet(() -> fold.effort(effort));
    return samples.map(told::samples).orElse(told);
  }

  Preprocessing preprocessing() {
    return imageOptions.preprocessing(imageSize);
  }
}
