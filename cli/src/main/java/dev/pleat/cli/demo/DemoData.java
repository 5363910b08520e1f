package dev.pleat.cli.demo;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.TensorValue;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The bundled network and test images; NOTICE beside them tells where they come from. */
final class DemoData {
  /** What the network was trained with. */
  private static final float MEAN = 0.286f;

  private static final float DEVIATION = 0.353f;

  private final byte[] pixels;
  private final byte[] labels;
  private final int height;
  private final int width;

  private DemoData(byte[] pixels, byte[] labels, int height, int width) {
    this.pixels = pixels;
    this.labels = labels;
    this.height = height;
    this.width = width;
  }

  /** Unpacks the bundled images and labels, two IDX files. */
  static DemoData read() {
    try (DataInputStream images = unpacked("images.idx3-ubyte.gz");
        DataInputStream labels = unpacked("labels.idx1-ubyte.gz")) {
      images.readInt();
      int count = images.readInt();
      int height = images.readInt();
      int width = images.readInt();
      labels.readLong();
      return new DemoData(
          images.readNBytes(count * height * width), labels.readNBytes(count), height, width);
    } catch (IOException e) {
      throw new IllegalStateException("the bundled images are damaged: build again", e);
    }
  }

  /**
   * Writes the bundled network to a file.
   *
   * @throws PleatException when it cannot be written
   */
  static Path writeModel(Path folder) {
    Path file = folder.resolve("resnet18.onnx");
    try (InputStream in = resource("resnet18-fashion-mnist.onnx")) {
      Files.copy(in, file);
      return file;
    } catch (IOException e) {
      throw new PleatException(
          "%s: cannot be written (%s); free some space or name another temporary folder with PLEAT_OPTS=-Djava.io.tmpdir=FOLDER"
              .formatted(file, e),
          e);
    }
  }

  /** How many images there are. */
  int count() {
    return labels.length;
  }

  /** The class of an image. */
  int label(int image) {
    return labels[image];
  }

  /** Some images as the network takes them: count × 1 × height × width, normalised. */
  TensorValue batch(int first, int count) {
    int size = height * width;
    float[] values = new float[count * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = (Byte.toUnsignedInt(pixels[first * size + i]) / 255f - MEAN) / DEVIATION;
    }
    return new TensorValue.Floats(new long[] {count, 1, height, width}, values);
  }

  private static DataInputStream unpacked(String name) throws IOException {
    return new DataInputStream(new GZIPInputStream(resource(name)));
  }

  private static InputStream resource(String name) throws IOException {
    InputStream in = DemoData.class.getResourceAsStream("/demo/" + name);
    if (in == null) {
      throw new IOException("no resource demo/" + name);
    }
    return in;
  }
}
