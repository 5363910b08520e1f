package dev.pleat.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Options that say what a network is evaluated on. */
final class EvaluationData {

  @Option(
      names = "--images",
      order = 2,
      paramLabel = "PATH",
      description =
          "Evaluate on images: a folder, an IDX file or CIFAR binaries. Default: generated inputs.")
  private Optional<Path> images = Optional.empty();

  @Option(
      names = "--labels",
      order = 3,
      paramLabel = "PATH",
      description = "IDX file of labels, for images that carry none.")
  private Optional<Path> labels = Optional.empty();

  @Option(
      names = "--inputs",
      order = 4,
      paramLabel = "FILE",
      description =
          "Evaluate on other inputs: an .npy, or an .npz with an array for each input of the model.")
  private Optional<Path> inputs = Optional.empty();

  /**
   * Checks that they go together.
   *
   * @throws ParameterException when there are labels but no images, or images and other inputs
   */
  void check(CommandLine command) {
    if (labels.isPresent() && images.isEmpty()) {
      throw new ParameterException(
          command, "--labels without --images: name the images that they belong to");
    }
    if (inputs.isPresent() && images.isPresent()) {
      throw new ParameterException(command, "--images and --inputs: give one of them");
    }
  }

  Optional<Path> images() {
    return images;
  }

  Optional<Path> labels() {
    return labels;
  }

  Optional<Path> inputs() {
    return inputs;
  }

  /** Whether there are images or other inputs. */
  boolean isGiven() {
    return images.isPresent() || inputs.isPresent();
  }
}
