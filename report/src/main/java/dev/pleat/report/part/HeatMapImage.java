package dev.pleat.report.part;

import dev.pleat.core.report.SimilarityMap;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A similarity map as an image whose colours shine through to the page: blue as opaque as the
 * similarity is large, orange where it is negative. So it fits light and dark pages.
 */
final class HeatMapImage {
  /** Levels on each side of 0; more make the file larger and cannot be told apart. */
  private static final int LEVELS = 10;

  private static final int POSITIVE = 0x2f6fed;
  private static final int NEGATIVE = 0xe07b39;

  private HeatMapImage() {}

  /** The image as a {@code data:} address. */
  static String address(SimilarityMap map) {
    BufferedImage image =
        new BufferedImage(map.side(), map.side(), BufferedImage.TYPE_BYTE_INDEXED, colours());
    for (int i = 0; i < map.cells().length; i++) {
      int level = Math.round((float) LEVELS * map.cells()[i] / Byte.MAX_VALUE) + LEVELS;
      image.getRaster().setSample(i % map.side(), i / map.side(), 0, level);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written to", e);
    }
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  private static IndexColorModel colours() {
    int[] argb = new int[2 * LEVELS + 1];
    for (int level = -LEVELS; level <= LEVELS; level++) {
      int alpha = Math.round(255f * Math.abs(level) / LEVELS);
      argb[level + LEVELS] = alpha << 24 | (level < 0 ? NEGATIVE : POSITIVE);
    }
    return new IndexColorModel(
        8, argb.length, argb, 0, true, -1, java.awt.image.DataBuffer.TYPE_BYTE);
  }
}
