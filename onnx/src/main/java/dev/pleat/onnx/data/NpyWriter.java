package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.TensorValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Writes NumPy array files, aside first so that they appear whole or not at all. */
final class NpyWriter {
  /** NumPy aligns the elements to this. */
  private static final int ALIGNMENT = 64;

  private static final int PIECE = 1 << 20;

  private NpyWriter() {}

  static void write(Path file, TensorValue value) {
    try {
      Path aside =
          file.resolveSibling(
              ".pleat-%d-%s".formatted(ProcessHandle.current().pid(), file.getFileName()));
      try {
        try (FileChannel channel =
            FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          write(channel, value);
        }
        Files.move(
            aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(aside);
      }
    } catch (IOException e) {
      throw new PleatException(
          "%s: cannot be written: %s; free some space or write elsewhere"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static void write(FileChannel channel, TensorValue value) throws IOException {
    boolean floats = value instanceof TensorValue.Floats;
    put(channel, header(floats ? NpyType.FLOAT32 : NpyType.INT64, value.shape()));
    int count = TensorValue.elements(value.shape());
    for (int from = 0; from < count; from += PIECE) {
      int to = Math.min(from + PIECE, count);
      ByteBuffer bytes =
          ByteBuffer.allocate((to - from) * (floats ? 4 : 8)).order(ByteOrder.LITTLE_ENDIAN);
      switch (value) {
        case TensorValue.Floats(long[] shape, float[] values) ->
            bytes.asFloatBuffer().put(values, from, to - from);
        case TensorValue.Integers(long[] shape, long[] values) ->
            bytes.asLongBuffer().put(values, from, to - from);
      }
      put(channel, bytes);
    }
  }

  private static ByteBuffer header(NpyType type, long[] shape) {
    String sizes =
        Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", "))
            + (shape.length == 1 ? "," : "");
    String text =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(type.description(), sizes);
    int length = (10 + text.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - 10;
    byte[] padded =
        (text + " ".repeat(length - 1 - text.length()) + "\n").getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(10 + length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
        .putShort((short) length)
        .put(padded)
        .flip();
  }

  private static void put(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
