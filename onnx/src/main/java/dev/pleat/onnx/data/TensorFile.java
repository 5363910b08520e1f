package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.TensorValue;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The arrays of a NumPy file: one of an {@code .npy}, several with names of an {@code .npz}. They
 * are read in pieces of their first axis, so that the file may be larger than the memory.
 */
public final class TensorFile implements AutoCloseable {
  /** The name of the one array of an {@code .npy}: it stands for the only input of a model. */
  public static final String ONLY = "*";

  private static final String SUFFIX = ".npy";

  private record Array(NpyHeader header, ArrayBytes bytes) {}

  private final Path file;
  private final Map<String, Array> arrays;
  private final AutoCloseable held;

  private TensorFile(Path file, Map<String, Array> arrays, AutoCloseable held) {
    this.file = file;
    this.arrays = Collections.unmodifiableMap(arrays);
    this.held = held;
  }

  /** Whether a file begins as NumPy's do. */
  public static boolean isOne(Path file) {
    MemorySegment bytes = FileContents.mapped(file);
    return begins(bytes, '\u0093', 'N', 'U', 'M', 'P', 'Y') || isZip(bytes);
  }

  /**
   * Opens a file by what it holds, whatever its name. Elements are little-endian float16, float32,
   * float64, int32, int64, uint8 or bool in C order; format versions 1 to 3; entries of an {@code
   * .npz} stored or deflated.
   *
   * @throws PleatException when it is neither {@code .npy} nor {@code .npz}, an array is of another
   *     type or order, has no first axis or is empty, or the file is not as long as its headers say
   */
  public static TensorFile open(Path file) {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new PleatException(
          "%s: no such file, or not readable; give an .npy or .npz file".formatted(file));
    }
    MemorySegment bytes = FileContents.mapped(file);
    if (isZip(bytes)) {
      return zip(file);
    }
    ArrayBytes mapped = new Mapped(bytes);
    Map<String, Array> arrays =
        Map.of(ONLY, new Array(NpyHeader.read(file.toString(), mapped), mapped));
    return new TensorFile(file, arrays, () -> {});
  }

  private static boolean isZip(MemorySegment bytes) {
    return begins(bytes, 'P', 'K', 3, 4) || begins(bytes, 'P', 'K', 5, 6);
  }

  private static boolean begins(MemorySegment bytes, int... start) {
    if (bytes.byteSize() < start.length) {
      return false;
    }
    byte[] found = bytes.asSlice(0, start.length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    for (int i = 0; i < start.length; i++) {
      if ((found[i] & 0xff) != start[i]) {
        return false;
      }
    }
    return true;
  }

  private static TensorFile zip(Path file) {
    try {
      ZipFile zip = new ZipFile(file.toFile());
      try {
        return new TensorFile(file, arrays(file, zip), zip);
      } catch (RuntimeException e) {
        zip.close();
        throw e;
      }
    } catch (IOException e) {
      throw new PleatException(
          "%s: a damaged .npz file (%s); save it again".formatted(file, e.getMessage()), e);
    }
  }

  private static Map<String, Array> arrays(Path file, ZipFile zip) {
    Map<String, Array> arrays = new LinkedHashMap<>();
    for (ZipEntry entry : Collections.list(zip.entries())) {
      String name = entry.getName();
      if (!name.endsWith(SUFFIX) || name.equals(SUFFIX)) {
        throw new PleatException(
            "%s: holds '%s', which is no array; write the file with numpy.savez"
                .formatted(file, name));
      }
      ArrayBytes bytes = new ZipArray(file, zip, entry);
      NpyHeader header = NpyHeader.read("%s: '%s'".formatted(file, name), bytes);
      String key = name.substring(0, name.length() - SUFFIX.length());
      if (arrays.put(key, new Array(header, bytes)) != null) {
        throw new PleatException("%s: two arrays are named '%s'".formatted(file, key));
      }
    }
    if (arrays.isEmpty()) {
      throw new PleatException("%s: holds no array".formatted(file));
    }
    return arrays;
  }

  /** Writes one array of float32, format version 1, C order; the file is replaced if it exists. */
  public static void write(Path file, TensorValue.Floats value) {
    NpyWriter.write(file, value);
  }

  /** Writes one array of int64, format version 1, C order; the file is replaced if it exists. */
  public static void write(Path file, TensorValue.Integers value) {
    NpyWriter.write(file, value);
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** The names of its arrays in the order of the file; {@link #ONLY} for an {@code .npy}. */
  public List<String> names() {
    return List.copyOf(arrays.keySet());
  }

  /** The names for a message: the first few of many. */
  String namesInShort() {
    int most = 8;
    String first = arrays.keySet().stream().limit(most).collect(Collectors.joining(", "));
    return arrays.size() <= most
        ? "[%s]".formatted(first)
        : "[%s and %d more]".formatted(first, arrays.size() - most);
  }

  /**
   * The sizes of an array's axes.
   *
   * @throws PleatException when there is no array of this name
   */
  public long[] shape(String name) {
    return array(name).header.shape().clone();
  }

  /**
   * A piece of an array along its first axis.
   *
   * @param from the first entry, at least 0
   * @param to the entry after the last one, above {@code from} and at most the size of the axis
   * @throws PleatException when there is no array of this name, the piece is too large to hold, it
   *     cannot be read, or a value of it is not a finite number in binary32
   */
  public TensorValue slice(String name, long from, long to) {
    Array array = array(name);
    NpyHeader header = array.header;
    if (from < 0 || from >= to || to > header.shape()[0]) {
      throw new IndexOutOfBoundsException("[%d, %d) of %d".formatted(from, to, header.shape()[0]));
    }
    long rowBytes = header.row() * header.type().bytes();
    long size = (to - from) > Long.MAX_VALUE / rowBytes ? Long.MAX_VALUE : (to - from) * rowBytes;
    if (size > Integer.MAX_VALUE - 16) {
      throw new PleatException(
          "%s: %d entries of %s at once are too many to hold; use a smaller batch"
              .formatted(file, to - from, Arrays.toString(header.shape())));
    }
    long[] shape = header.shape().clone();
    shape[0] = to - from;
    ByteBuffer bytes = array.bytes.read(header.start() + from * rowBytes, (int) size);
    TensorValue value = header.type().decode(bytes, shape);
    if (value instanceof TensorValue.Floats(long[] unused, float[] values)) {
      for (int i = 0; i < values.length; i++) {
        if (!Float.isFinite(values[i])) {
          throw new PleatException(
              "%s: the value %s in entry %d%s is not a finite float32 number; clean the data"
                  .formatted(
                      file,
                      values[i],
                      from + i / header.row(),
                      name.equals(ONLY) ? "" : " of '%s'".formatted(name)));
        }
      }
    }
    return value;
  }

  private Array array(String name) {
    Array array = arrays.get(name);
    if (array == null) {
      throw new PleatException(
          "%s: holds no array '%s'; it has %s".formatted(file, name, namesInShort()));
    }
    return array;
  }

  @Override
  public void close() {
    try {
      held.close();
    } catch (Exception e) {
      throw new PleatException("%s: cannot be closed: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** A plain file, mapped. */
  private record Mapped(MemorySegment bytes) implements ArrayBytes {
    @Override
    public long length() {
      return bytes.byteSize();
    }

    @Override
    public ByteBuffer read(long from, int count) {
      return bytes.asSlice(from, count).asByteBuffer();
    }
  }
}
