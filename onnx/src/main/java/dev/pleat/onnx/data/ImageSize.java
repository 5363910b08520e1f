package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;

/** Height and width in pixels, each in [1, 16384]. */
public record ImageSize(int height, int width) {
  private static final int LARGEST = 1 << 14;

  /**
   * Checks the range.
   *
   * @throws PleatException when a side is out of it
   */
  public ImageSize {
    if (height < 1 || width < 1 || height > LARGEST || width > LARGEST) {
      throw new PleatException(
          "%dx%d is no size of images; give height and width between 1 and %d"
              .formatted(height, width, LARGEST));
    }
  }

  @Override
  public String toString() {
    return height + "x" + width;
  }
}
