package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** Images in a fixed order, decoded when asked for, with or without a class each. */
public interface ImageSet {

  /** Where the images are, for messages. */
  Path source();

  /** How many images there are, at least 1. */
  int count();

  /**
   * Image {@code index} in [0, count).
   *
   * @throws PleatException when it cannot be decoded
   */
  Image image(int index);

  /** The file or place of an image, for messages. */
  String describe(int index);

  /** Whether every image has a class. */
  boolean labelled();

  /** The class of an image, from 0; empty when the set is not labelled. */
  OptionalInt label(int index);

  /** The names of the classes by number; empty where the source has none. */
  List<String> classNames();

  /** Rows of the first image. */
  default int height() {
    return image(0).height();
  }

  /** Pixels in a row of the first image. */
  default int width() {
    return image(0).width();
  }

  /** Channels of the first image, 1 or 3. */
  default int channels() {
    return image(0).channels();
  }
}
