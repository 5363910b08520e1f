package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads an IDX file of labels. */
final class Labels {
  private Labels() {}

  /** One label an image, each in [0, 255]. */
  static int[] read(Path file, Path images, long count) {
    IdxFile idx = IdxFile.read(file);
    if (idx.shape().length != 1) {
      throw new PleatException(
          "%s: IDX sizes %s are no list of labels; give the labels' file as --labels"
              .formatted(file, Arrays.toString(idx.shape())));
    }
    if (idx.shape()[0] != count) {
      throw new PleatException(
          "%s has %d labels, but %s has %d images; give the pair that belongs together"
              .formatted(file, idx.shape()[0], images, count));
    }
    int[] labels = new int[(int) count];
    Arrays.setAll(labels, i -> idx.elements().get(ValueLayout.JAVA_BYTE, i) & 0xff);
    return labels;
  }
}
