package dev.pleat.llm.safetensors;

import dev.pleat.core.PleatException;
import dev.pleat.llm.json.JsonFiles;
import dev.pleat.llm.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The checked header of one safetensors file: eight bytes of length, JSON, then the tensors' bytes
 * without gaps or overlap.
 *
 * @param file the file
 * @param tensors every tensor, in the order of its bytes
 * @param metadata the texts of {@code __metadata__}
 * @param bytes of the file
 */
record ShardHeader(Path file, List<TensorInfo> tensors, Map<String, String> metadata, long bytes) {
  static final String METADATA = "__metadata__";

  /** The format's own limit. */
  private static final long LONGEST = 100_000_000;

  private static final int LENGTH_BYTES = 8;

  /** Header, tensor, list of offsets or shape. */
  private static final int DEPTH = 3;

  /**
   * Reads and checks the header.
   *
   * @throws PleatException when the file cannot be read or anything in its header cannot be right
   */
  static ShardHeader read(Path file, FileChannel channel) {
    try {
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw broken(file, "has %d bytes, expected at least 8".formatted(size));
      }
      long length = fill(file, channel, 0, LENGTH_BYTES).getLong();
      if (length < 2 || length > LONGEST || length > size - LENGTH_BYTES) {
        throw broken(
            file,
            "says its header has %s bytes, expected 2 to %d"
                .formatted(Long.toUnsignedString(length), Math.min(LONGEST, size - LENGTH_BYTES)));
      }
      byte[] json = fill(file, channel, LENGTH_BYTES, (int) length).array();
      JsonObject header = JsonFiles.object(file.toString(), json, DEPTH);
      long start = LENGTH_BYTES + length;
      return new ShardHeader(
          file, tensors(file, header, start, size - start), metadata(header), size);
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(file, e), e);
    }
  }

  private static ByteBuffer fill(Path file, FileChannel channel, long from, int count)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw broken(file, "ended while its header was read");
      }
    }
    return buffer.flip();
  }

  private static Map<String, String> metadata(JsonObject header) {
    Map<String, String> texts = new LinkedHashMap<>();
    header
        .objectOrEmpty(METADATA)
        .ifPresent(all -> all.names().forEach(name -> texts.put(name, all.text(name))));
    return texts;
  }

  private static List<TensorInfo> tensors(Path file, JsonObject header, long start, long size) {
    List<TensorInfo> tensors = new ArrayList<>();
    for (String name : header.names()) {
      if (!name.equals(METADATA)) {
        tensors.add(tensor(file, name, header.object(name), start, size));
      }
    }
    tensors.sort(
        Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::length));
    long end = start;
    for (TensorInfo tensor : tensors) {
      if (tensor.offset() != end) {
        throw broken(
            file,
            "tensor '%s' begins at byte %d of the data, expected %d: tensors must neither overlap nor leave gaps"
                .formatted(tensor.name(), tensor.offset() - start, end - start));
      }
      end += tensor.length();
    }
    if (end != start + size) {
      throw broken(
          file, "holds %d bytes of data, expected %d by its header".formatted(size, end - start));
    }
    return List.copyOf(tensors);
  }

  private static TensorInfo tensor(
      Path file, String name, JsonObject entry, long start, long size) {
    entry.allow(Set.of("dtype", "shape", "data_offsets"));
    DataType type =
        DataType.named(entry.text("dtype"))
            .orElseThrow(() ->
                broken(
                    file,
                    "tensor '%s' has the unknown dtype '%s', expected one of %s"
                        .formatted(name, entry.text("dtype"), DataType.names())));
    long[] shape = entry.sizes("shape").stream().mapToLong(Long::longValue).toArray();
    List<Long> offsets = entry.sizes("data_offsets");
    if (offsets.size() != 2 || offsets.getFirst() > offsets.getLast() || offsets.getLast() > size) {
      throw broken(
          file,
          "tensor '%s' lies at %s, expected a range within the %d bytes of data"
              .formatted(name, offsets, size));
    }
    long length = offsets.getLast() - offsets.getFirst();
    if (length != bytes(file, name, type, shape)) {
      throw broken(
          file,
          "tensor '%s' has %d bytes, expected %d for its shape and dtype"
              .formatted(name, length, bytes(file, name, type, shape)));
    }
    return new TensorInfo(name, type, shape, file, start + offsets.getFirst(), length);
  }

  private static long bytes(Path file, String name, DataType type, long[] shape) {
    try {
      long bits = type.bits();
      for (long dimension : shape) {
        bits = Math.multiplyExact(bits, dimension);
      }
      return Math.ceilDiv(bits, Byte.SIZE);
    } catch (ArithmeticException e) {
      throw new PleatException(
          "%s: tensor '%s' has a shape whose size overflows; the file is damaged, download it again"
              .formatted(file, name),
          e);
    }
  }

  private static PleatException broken(Path file, String problem) {
    return new PleatException(
        "%s: %s; the file is damaged, download it again".formatted(file, problem));
  }
}
