package dev.pleat.onnx.invert;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.TensorValue;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;

/**
 * Many images on one sheet, to look at. One and three channels are shown as grey and as colours,
 * any other number as their mean; inputs without height are shown as strips of one row. Grey levels
 * run from the 1st to the 99th percentile of all values on the sheet.
 */
final class ContactSheet {
  /** More pixels than a screen has are of no use to the eye. */
  private static final int LARGEST_SIDE = 2048;

  private static final int GAP = 2;

  /** Smaller images are enlarged to about this. */
  private static final int USUAL_SIDE = 56;

  private final Pixels pixels;
  private final float[] values;
  private final int height;
  private final int width;
  private final int zoom;

  private ContactSheet(Pixels pixels, float[] values) {
    this.pixels = pixels;
    this.values = values;
    int[] axes = pixels.spatialAxes();
    boolean vector = axes.length == 0;
    this.width = vector ? pixels.channels() : (int) pixels.shape()[axes[axes.length - 1]];
    this.height = axes.length < 2 ? 1 : (int) pixels.shape()[axes[axes.length - 2]];
    this.zoom = Math.max(1, USUAL_SIDE / Math.max(height, width));
  }

  /**
   * Writes a sheet.
   *
   * @throws PleatException when it cannot be written
   */
  static void write(Path file, Pixels pixels, TensorValue.Floats images) {
    try {
      ImageIO.write(new ContactSheet(pixels, images.values()).draw(), "png", file.toFile());
    } catch (IOException e) {
      throw new PleatException(
          "%s: cannot be written: %s; free some space or write elsewhere"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private BufferedImage draw() {
    int cellWidth = width * zoom + GAP;
    int cellHeight = height * zoom + GAP;
    double square = Math.sqrt((double) pixels.images() * cellHeight / cellWidth);
    int columns = Math.clamp(Math.round(square), 1, Math.max(1, (LARGEST_SIDE - GAP) / cellWidth));
    int rows =
        Math.min(
            (pixels.images() + columns - 1) / columns,
            Math.max(1, (LARGEST_SIDE - GAP) / cellHeight));
    int shown = Math.min(pixels.images(), rows * columns);
    BufferedImage sheet =
        new BufferedImage(
            Math.min(columns, shown) * cellWidth + GAP,
            rows * cellHeight + GAP,
            BufferedImage.TYPE_INT_RGB);
    float[] range = range(shown);
    for (int i = 0; i < shown; i++) {
      int left = GAP + i % columns * cellWidth;
      int top = GAP + i / columns * cellHeight;
      for (int y = 0; y < height * zoom; y++) {
        for (int x = 0; x < width * zoom; x++) {
          sheet.setRGB(left + x, top + y, colour(i, y / zoom, x / zoom, range));
        }
      }
    }
    return sheet;
  }

  /** The 1st and the 99th percentile of what is shown. */
  private float[] range(int shown) {
    float[] sorted = Arrays.copyOf(values, shown * pixels.imageSize());
    Arrays.sort(sorted);
    return new float[] {
      sorted[sorted.length / 100], sorted[sorted.length - 1 - sorted.length / 100]
    };
  }

  private int colour(int image, int y, int x, float[] range) {
    int channels = pixels.spatialAxes().length == 0 ? 1 : pixels.channels();
    if (channels == 3) {
      int rgb = 0;
      for (int c = 0; c < 3; c++) {
        rgb = rgb << 8 | level(at(image, c, y, x), range);
      }
      return rgb;
    }
    double sum = 0;
    for (int c = 0; c < channels; c++) {
      sum += at(image, c, y, x);
    }
    return level((float) (sum / channels), range) * 0x010101;
  }

  private float at(int image, int channel, int y, int x) {
    int[] axes = pixels.spatialAxes();
    int index = image * pixels.imageSize();
    if (axes.length == 0) {
      return values[index + x];
    }
    index += channel * pixels.stride(pixels.channelAxis());
    index += x * pixels.stride(axes[axes.length - 1]);
    return values[index + (axes.length < 2 ? 0 : y * pixels.stride(axes[axes.length - 2]))];
  }

  private static int level(float value, float[] range) {
    float span = Math.max(range[1] - range[0], Float.MIN_NORMAL);
    return Math.clamp(Math.round(255 * (value - range[0]) / span), 0, 255);
  }
}
