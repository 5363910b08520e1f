package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/** Decodes PNG, JPEG, BMP and GIF (its first frame). Transparency is dropped. */
final class ImageDecoder {
  /** More pixels than a camera takes: what is beyond is a trap or no training image. */
  private static final long MOST_PIXELS = 1L << 27;

  private ImageDecoder() {}

  static Image decode(Path file) {
    try (ImageInputStream in = new FileImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw unreadable(file, "it is neither PNG, JPEG, BMP nor GIF", null);
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        long height = reader.getHeight(0);
        long width = reader.getWidth(0);
        if (height < 1 || width < 1 || height * width > MOST_PIXELS) {
          throw unreadable(
              file,
              "%dx%d pixels, expected 1 to %d in all".formatted(height, width, MOST_PIXELS),
              null);
        }
        return image(reader.read(0));
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      // The decoders of the platform throw what they like at damaged files.
      throw e instanceof PleatException known
          ? known
          : unreadable(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static PleatException unreadable(Path file, String why, @Nullable Exception cause) {
    String message =
        "%s: not a readable image (%s); replace or remove it"
            .formatted(file, why.lines().findFirst().orElse("no reason given"));
    return cause == null ? new PleatException(message) : new PleatException(message, cause);
  }

  private static Image image(BufferedImage decoded) {
    int height = decoded.getHeight();
    int width = decoded.getWidth();
    ColorModel model = decoded.getColorModel();
    boolean palette = model instanceof IndexColorModel;
    if (!palette && model.getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
      return grey(decoded.getRaster(), model.getComponentSize(0));
    }
    int channels = model instanceof IndexColorModel index && isGrey(index) ? 1 : 3;
    byte[] pixels = new byte[height * width * channels];
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      decoded.getRGB(0, y, width, 1, row, 0, width);
      for (int c = 0; c < channels; c++) {
        for (int x = 0; x < width; x++) {
          pixels[(c * height + y) * width + x] = (byte) (row[x] >>> (16 - 8 * c));
        }
      }
    }
    return new Image(height, width, channels, pixels);
  }

  /** Grey is read from the raster: getRGB would apply a gamma to it. */
  private static Image grey(Raster raster, int bits) {
    int height = raster.getHeight();
    int width = raster.getWidth();
    int largest = (1 << bits) - 1;
    byte[] pixels = new byte[height * width];
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      raster.getSamples(0, y, width, 1, 0, row);
      for (int x = 0; x < width; x++) {
        pixels[y * width + x] = (byte) Math.round(row[x] * 255.0 / largest);
      }
    }
    return new Image(height, width, 1, pixels);
  }

  private static boolean isGrey(IndexColorModel palette) {
    for (int i = 0; i < palette.getMapSize(); i++) {
      if (palette.getRed(i) != palette.getGreen(i) || palette.getRed(i) != palette.getBlue(i)) {
        return false;
      }
    }
    return true;
  }
}
