package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An IDX file of unsigned bytes (the format of MNIST): two zero bytes, the element type, the number
 * of axes, each axis as a big-endian 32-bit size, then the elements.
 *
 * @param shape the sizes of the axes
 * @param elements the values, row-major
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
record IdxFile(long[] shape, MemorySegment elements) {
  private static final int UNSIGNED_BYTE = 0x08;
  private static final int MOST_AXES = 4;
  private static final int LONGEST_HEADER = 4 + 4 * MOST_AXES;
  private static final ValueLayout.OfInt SIZE =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** Whether these bytes may begin an IDX file of any element type. */
  static boolean begins(MemorySegment bytes) {
    if (bytes.byteSize() < 4) {
      return false;
    }
    int type = bytes.get(ValueLayout.JAVA_BYTE, 2);
    return bytes.get(ValueLayout.JAVA_BYTE, 0) == 0
        && bytes.get(ValueLayout.JAVA_BYTE, 1) == 0
        && (type >= 0x08 && type <= 0x0e)
        && bytes.get(ValueLayout.JAVA_BYTE, 3) >= 1
        && bytes.get(ValueLayout.JAVA_BYTE, 3) <= MOST_AXES;
  }

  /** Whether the header of a plain file asks for just as many bytes as there are. */
  static boolean fits(Path file, MemorySegment bytes) {
    try {
      return begins(bytes)
          && length(file, shape(file, bytes)) + headerLength(bytes) == bytes.byteSize();
    } catch (PleatException e) {
      // Not IDX then: a file of another kind may begin with these bytes.
      return false;
    }
  }

  /**
   * Reads a file, packed by gzip or not.
   *
   * @throws PleatException when it is no IDX file of unsigned bytes, or not as long as it says
   */
  static IdxFile read(Path file) {
    MemorySegment mapped = FileContents.mapped(file);
    boolean packed = FileContents.isGzip(mapped);
    MemorySegment start = packed ? FileContents.unpackedStart(file, LONGEST_HEADER) : mapped;
    long[] shape = shape(file, start);
    long header = headerLength(start);
    long length = length(file, shape);
    MemorySegment all = packed ? FileContents.unpacked(file, header + length) : mapped;
    if (all.byteSize() != header + length) {
      throw new PleatException(
          "%s: its header %s asks for %d bytes, but the file has %d; fetch it again"
              .formatted(file, Arrays.toString(shape), header + length, all.byteSize()));
    }
    return new IdxFile(shape, all.asSlice(header));
  }

  private static long headerLength(MemorySegment bytes) {
    return 4 + 4L * bytes.get(ValueLayout.JAVA_BYTE, 3);
  }

  private static long[] shape(Path file, MemorySegment bytes) {
    if (!begins(bytes)) {
      throw new PleatException(
          "%s: not an IDX file (it does not begin with 00 00, a type and 1 to %d axes)"
              .formatted(file, MOST_AXES));
    }
    int type = bytes.get(ValueLayout.JAVA_BYTE, 2);
    if (type != UNSIGNED_BYTE) {
      throw new PleatException(
          "%s: IDX elements of type 0x%02x; only unsigned bytes (0x08) are read"
              .formatted(file, type));
    }
    if (bytes.byteSize() < headerLength(bytes)) {
      throw new PleatException("%s: cut off within its IDX header; fetch it again".formatted(file));
    }
    long[] shape = new long[bytes.get(ValueLayout.JAVA_BYTE, 3)];
    for (int d = 0; d < shape.length; d++) {
      shape[d] = Integer.toUnsignedLong(bytes.get(SIZE, 4 + 4L * d));
    }
    return shape;
  }

  private static long length(Path file, long[] shape) {
    boolean sensible = Arrays.stream(shape).allMatch(size -> size >= 1 && size < 1L << 31);
    long length = 1;
    for (int d = 0; sensible && d < shape.length; d++) {
      sensible = length <= Long.MAX_VALUE / 2 / shape[d];
      length *= shape[d];
    }
    if (!sensible) {
      throw new PleatException(
          "%s: an IDX header of %s is empty or beyond any file; fetch it again"
              .formatted(file, Arrays.toString(shape)));
    }
    return length;
  }
}
