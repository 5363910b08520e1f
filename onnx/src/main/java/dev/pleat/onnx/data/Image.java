package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;

/**
 * One decoded image.
 *
 * @param height rows of pixels
 * @param width pixels of a row
 * @param channels 1 (grey) or 3 (red, green, blue)
 * @param pixels unsigned bytes, channel by channel, each row-major
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; a copy of every image would only cost.
public record Image(int height, int width, int channels, byte[] pixels) {

  /** Checks that there are as many pixels as the sizes say. */
  public Image {
    if ((long) height * width * channels != pixels.length) {
      throw new PleatException(
          "an image of %dx%dx%d came with %d values"
              .formatted(channels, height, width, pixels.length));
    }
  }

  /** The value of a pixel, in [0, 255]. */
  public int value(int channel, int row, int column) {
    return pixels[(channel * height + row) * width + column] & 0xff;
  }
}
