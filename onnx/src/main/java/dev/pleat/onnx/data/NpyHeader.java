package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of a NumPy array file (NEP 1): six magic bytes, two of the version, the length of what
 * follows, and a Python dictionary with the element type, the order and the shape.
 *
 * @param type the elements
 * @param shape the sizes of the axes, at least one axis, each at least 1
 * @param start where the elements begin, in bytes
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
record NpyHeader(NpyType type, long[] shape, long start) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int LONGEST = 1 << 16;

  /** The three keys in any order, each once, in the only notation that NumPy writes. */
  private static final Pattern KEY =
      Pattern.compile(
          "\\s*'(?:(?<descr>descr)'\\s*:\\s*'(?<type>[^']*)'"
              + "|(?<order>fortran_order)'\\s*:\\s*(?<fortran>True|False)"
              + "|(?<sizes>shape)'\\s*:\\s*\\((?<shape>[0-9, ]*)\\))\\s*");

  /**
   * Reads the header of an array and checks it against the bytes that there are.
   *
   * @param name of the array, for messages
   * @throws PleatException when it is none, or asks for what is not there or not supported
   */
  static NpyHeader read(String name, ArrayBytes bytes) {
    if (bytes.length() < 10 || !Arrays.equals(take(bytes, 0, 6), MAGIC)) {
      throw new PleatException(
          "%s: not a NumPy array (no \\x93NUMPY at its start); write it with numpy.save"
              .formatted(name));
    }
    int version = take(bytes, 6, 1)[0];
    if (version < 1 || version > 3) {
      throw new PleatException(
          "%s: NumPy format version %d; versions 1 to 3 are read".formatted(name, version));
    }
    int prefix = version == 1 ? 10 : 12;
    if (bytes.length() < prefix) {
      throw damaged(name, "cut off within its header");
    }
    ByteBuffer size = ByteBuffer.wrap(take(bytes, 8, prefix - 8)).order(ByteOrder.LITTLE_ENDIAN);
    long length = version == 1 ? size.getShort() & 0xffff : Integer.toUnsignedLong(size.getInt());
    if (length > LONGEST || prefix + length > bytes.length()) {
      throw damaged(
          name,
          "a header of %d bytes, more than %s"
              .formatted(length, length > LONGEST ? "any array needs" : "the file has"));
    }
    String text = new String(take(bytes, prefix, (int) length), StandardCharsets.UTF_8).strip();
    return parse(name, text, prefix + length, bytes.length());
  }

  private static byte[] take(ArrayBytes bytes, long from, int count) {
    byte[] taken = new byte[count];
    bytes.read(from, count).get(taken);
    return taken;
  }

  private static NpyHeader parse(String name, String text, long start, long length) {
    String type = "";
    String fortran = "";
    String shape = "";
    boolean shaped = false;
    int keys = 0;
    boolean braces = text.startsWith("{") && text.endsWith("}");
    String inside = braces ? text.substring(1, text.length() - 1) : "";
    Matcher key = KEY.matcher(inside);
    int at = 0;
    while (at < inside.length() && key.find(at) && key.start() == at) {
      keys++;
      type = key.group("descr") == null ? type : key.group("type");
      fortran = key.group("order") == null ? fortran : key.group("fortran");
      shaped |= key.group("sizes") != null;
      shape = key.group("sizes") == null ? shape : key.group("shape");
      at = key.end();
      at += at < inside.length() && inside.charAt(at) == ',' ? 1 : 0;
    }
    if (keys != 3
        || type.isEmpty()
        || fortran.isEmpty()
        || !shaped
        || !inside.substring(at).isBlank()) {
      throw new PleatException(
          "%s: the header '%s' is none of an array of plain numbers; write one array with numpy.save, or several with numpy.savez"
              .formatted(name, text.length() > 100 ? text.substring(0, 100) + "..." : text));
    }
    String found = type;
    NpyType known =
        NpyType.of(type)
            .orElseThrow(() ->
                new PleatException(
                    "%s: elements of type '%s'; %s are read: convert with array.astype('float32')"
                        .formatted(name, found, NpyType.known())));
    long[] sizes = sizes(name, shape);
    if (fortran.equals("True") && sizes.length > 1) {
      throw new PleatException(
          "%s: its axes are in Fortran order; convert with numpy.ascontiguousarray"
              .formatted(name));
    }
    check(name, known, sizes, length - start);
    return new NpyHeader(known, sizes, start);
  }

  private static long[] sizes(String name, String text) {
    String[] parts = text.isBlank() ? new String[0] : text.strip().split(" *, *");
    long[] sizes = new long[parts.length];
    for (int d = 0; d < sizes.length; d++) {
      if (!parts[d].matches("[0-9]{1,18}")) {
        throw damaged(name, "the shape (%s)".formatted(text));
      }
      sizes[d] = Long.parseLong(parts[d]);
    }
    if (sizes.length == 0 || Arrays.stream(sizes).anyMatch(size -> size == 0)) {
      throw new PleatException(
          "%s: the shape (%s) holds no samples; expected them along the first axis"
              .formatted(name, text));
    }
    return sizes;
  }

  private static void check(String name, NpyType type, long[] sizes, long found) {
    long expected = type.bytes();
    for (long size : sizes) {
      // A product that overflows is beyond any file.
      expected = expected > Long.MAX_VALUE / size ? Long.MAX_VALUE : expected * size;
    }
    if (expected != found) {
      throw damaged(
          name,
          "its shape %s of '%s' asks for %s bytes, but there are %d"
              .formatted(
                  Arrays.toString(sizes),
                  type.description(),
                  expected == Long.MAX_VALUE ? "too many" : expected,
                  found));
    }
  }

  private static PleatException damaged(String name, String what) {
    return new PleatException("%s: %s; save it again".formatted(name, what));
  }

  /** Elements of one entry of the first axis. */
  long row() {
    return Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
  }
}
