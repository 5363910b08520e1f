package dev.pleat.onnx.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;

/** Writes the files that tests read. */
public final class SmallFiles {
  private SmallFiles() {}

  /** An IDX file of unsigned bytes. */
  public static Path idx(Path file, byte[] elements, int... shape) {
    return write(file, idxBytes(elements, shape));
  }

  static byte[] idxBytes(byte[] elements, int... shape) {
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * shape.length + elements.length);
    bytes.put((byte) 0).put((byte) 0).put((byte) 8).put((byte) shape.length);
    for (int size : shape) {
      bytes.putInt(size);
    }
    return bytes.put(elements).array();
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static Path write(Path file, byte[] bytes) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** CIFAR records: labels[i] in the last label byte, every pixel of image i is i. */
  static byte[] cifar(int labelBytes, int... labels) {
    int size = labelBytes + 3072;
    byte[] bytes = new byte[size * labels.length];
    for (int i = 0; i < labels.length; i++) {
      bytes[i * size + labelBytes - 1] = (byte) labels[i];
      for (int p = labelBytes; p < size; p++) {
        bytes[i * size + p] = (byte) i;
      }
    }
    return bytes;
  }

  /** An image file of one colour. */
  static Path picture(Path file, String format, int type, int height, int width, int rgb) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (type == BufferedImage.TYPE_BYTE_GRAY) {
          image.getRaster().setSample(x, y, 0, rgb & 0xff);
        } else {
          image.setRGB(x, y, rgb);
        }
      }
    }
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      if (!ImageIO.write(image, format, file.toFile())) {
        throw new IllegalStateException("no writer for " + format);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
