package dev.pleat.llm.safetensors;

import dev.pleat.core.PleatException;
import dev.pleat.core.tensor.FloatEncoding;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes one safetensors file whose shapes are known beforehand, tensor by tensor in any order. A
 * file that an earlier writer left unfinished can be continued.
 */
public final class ShardWriter implements AutoCloseable {
  private static final int ALIGNMENT = 8;
  private static final int PIECE = 1 << 23;

  /**
   * A tensor to be written.
   *
   * @param name its name
   * @param type its element type
   * @param shape its dimensions
   */
  public record Entry(String name, DataType type, long[] shape) {
    /** Bytes of the tensor. */
    public long bytes() {
      long bits = type.bits();
      for (long dimension : shape) {
        bits = Math.multiplyExact(bits, dimension);
      }
      return Math.ceilDiv(bits, Byte.SIZE);
    }
  }

  private record Place(long offset, long length) {}

  private final Path file;
  private final FileChannel channel;
  private final Map<String, Place> places = new LinkedHashMap<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);

  private ShardWriter(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * The first bytes of a file: the length of the header and the header.
   *
   * @param entries the tensors in the order of their bytes
   * @param metadata texts for {@code __metadata__}
   */
  public static byte[] header(List<Entry> entries, Map<String, String> metadata) {
    JsonMapper mapper = JsonMapper.shared();
    ObjectNode root = mapper.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = root.putObject(ShardHeader.METADATA);
      metadata.forEach(texts::put);
    }
    long end = 0;
    for (Entry entry : entries) {
      ObjectNode node = root.putObject(entry.name).put("dtype", entry.type.name());
      var shape = node.putArray("shape");
      for (long dimension : entry.shape) {
        shape.add(dimension);
      }
      node.putArray("data_offsets").add(end).add(end + entry.bytes());
      end += entry.bytes();
    }
    byte[] json = mapper.writeValueAsBytes(root);
    int length = Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT;
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(json);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.array();
  }

  /**
   * Opens a file for writing. One that exists must have been begun with the same header, or with
   * the first part of it.
   *
   * @param header as {@link #header} gives it for these entries
   * @throws PleatException when the file cannot be made or was begun for something else
   */
  public static ShardWriter open(Path file, byte[] header, List<Entry> entries) {
    boolean begun = Files.exists(file);
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      ShardWriter writer = new ShardWriter(file, channel);
      long offset = header.length;
      for (Entry entry : entries) {
        writer.places.put(entry.name, new Place(offset, entry.bytes()));
        offset += entry.bytes();
      }
      if (!begun || writer.endsInHeader(header)) {
        writer.write(ByteBuffer.wrap(header), 0);
      } else {
        writer.requireHeader(header);
      }
      return writer;
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /** Whether whoever began the file came no further than the header. */
  private boolean endsInHeader(byte[] header) throws IOException {
    ByteBuffer found = start(header.length);
    return found.hasRemaining() && found.flip().equals(ByteBuffer.wrap(header, 0, found.limit()));
  }

  /** The first bytes of the file, fewer where it ends before. */
  private ByteBuffer start(int length) throws IOException {
    ByteBuffer found = ByteBuffer.allocate(length);
    while (found.hasRemaining() && channel.read(found, found.position()) >= 0) {
      // Reads on until all is there or the file ends.
    }
    return found;
  }

  private void requireHeader(byte[] header) throws IOException {
    ByteBuffer found = start(header.length);
    if (found.hasRemaining() || !found.flip().equals(ByteBuffer.wrap(header))) {
      channel.close();
      throw new PleatException(
          "%s: was begun with other options or from other weights; start over with --force instead of --resume"
              .formatted(file));
    }
  }

  /**
   * Writes a whole tensor's bytes.
   *
   * @throws PleatException when that fails, such as for want of space
   */
  public void write(String name, MemorySegment bytes) {
    long offset = place(name, bytes.byteSize()).offset;
    try {
      for (long at = 0; at < bytes.byteSize(); at += PIECE) {
        long count = Math.min(PIECE, bytes.byteSize() - at);
        write(bytes.asSlice(at, count).asByteBuffer(), offset + at);
      }
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /**
   * Encodes and writes a whole tensor's values.
   *
   * @throws PleatException when that fails, such as for want of space
   */
  public void write(String name, float[] values, FloatEncoding encoding) {
    long offset = place(name, (long) values.length * encoding.bytes()).offset;
    int piece = PIECE / encoding.bytes();
    try {
      for (int at = 0; at < values.length; at += piece) {
        int count = Math.min(piece, values.length - at);
        buffer.clear().limit(count * encoding.bytes());
        encoding.encode(values, at, count, MemorySegment.ofBuffer(buffer));
        write(buffer, offset + (long) at * encoding.bytes());
      }
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private Place place(String name, long length) {
    Place place = places.get(name);
    if (place == null || place.length != length) {
      throw new IllegalArgumentException(
          "%s: tensor '%s' of %d bytes is not what the header says".formatted(file, name, length));
    }
    return place;
  }

  private void write(ByteBuffer bytes, long offset) throws IOException {
    long at = offset;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  /**
   * Adds what the file now holds for some tensors to a hash.
   *
   * @throws PleatException when it cannot be read
   */
  public void addTo(Sha256 hash, Collection<String> names) {
    try {
      for (String name : names) {
        Place place = places.get(name);
        if (place != null) {
          hash.add(channel, place.offset, place.length);
        }
      }
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /**
   * Brings everything to the disk and closes the file.
   *
   * @throws PleatException when that fails
   */
  @Override
  public void close() {
    try (channel) {
      if (channel.isOpen()) {
        channel.force(true);
      }
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static PleatException failure(Path file, IOException e) {
    return new PleatException(
        "%s: cannot be written (%s); make room or mend the disk, then give --resume"
            .formatted(file, e.getMessage()),
        e);
  }
}
