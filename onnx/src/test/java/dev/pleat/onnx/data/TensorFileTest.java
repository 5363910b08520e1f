package dev.pleat.onnx.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.TensorValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class TensorFileTest {
  @TempDir Path folder;

  /** An array as NumPy writes it, by hand. */
  private static byte[] npy(int version, String header, byte[] elements) {
    byte[] text = (header + "\n").getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(12 + text.length + elements.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    if (version == 1) {
      bytes.putShort((short) text.length);
    } else {
      bytes.putInt(text.length);
    }
    bytes.put(text).put(elements);
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  private static byte[] npy(String type, String shape, byte[] elements) {
    return npy(
        1,
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, shape),
        elements);
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  private Path npz(boolean packed, Map<String, byte[]> entries) {
    Path file = folder.resolve("arrays.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> each : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(each.getKey());
        if (!packed) {
          CRC32 crc = new CRC32();
          crc.update(each.getValue());
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(each.getValue().length);
          entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(each.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  private TensorFile open(byte[] bytes) {
    return TensorFile.open(SmallFiles.write(folder.resolve("array.npy"), bytes));
  }

  private static float[] floats(TensorValue value) {
    return ((TensorValue.Floats) value).values();
  }

  private static long[] integers(TensorValue value) {
    return ((TensorValue.Integers) value).values();
  }

  @Test
  void what_numpy_wrote_is_read() {
    // numpy.save of numpy.array([[1, 2, 3], [4, 5, 6]], dtype='<f4'), NumPy 1.26.
    byte[] bytes =
        hex(
            "93 4e 55 4d 50 59 01 00 76 00"
                + HexFormat.of()
                    .formatHex(
                        ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
                                + " ".repeat(58)
                                + "\n")
                            .getBytes(StandardCharsets.US_ASCII))
                + "0000803f 00000040 00004040 00008040 0000a040 0000c040");
    assertThat(bytes).hasSize(128 + 24);
    try (TensorFile file = open(bytes)) {
      assertThat(file.names()).containsExactly(TensorFile.ONLY);
      assertThat(file.shape(TensorFile.ONLY)).containsExactly(2, 3);
      assertThat(floats(file.slice(TensorFile.ONLY, 0, 2))).containsExactly(1, 2, 3, 4, 5, 6);
      TensorValue second = file.slice(TensorFile.ONLY, 1, 2);
      assertThat(second.shape()).containsExactly(1, 3);
      assertThat(floats(second)).containsExactly(4, 5, 6);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "<f2, 003c 00c0, 1, -2",
    "<f4, 0000803f 000000c0, 1, -2",
    "<f8, 000000000000f03f 00000000000000c0, 1, -2",
  })
  void every_floating_point_type_becomes_floats(String type, String bytes, float a, float b) {
    try (TensorFile file = open(npy(type, "2,", hex(bytes)))) {
      assertThat(floats(file.slice("*", 0, 2))).containsExactly(a, b);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "<i8, 0100000000000000 feffffffffffffff, 1, -2",
    "<i4, 01000000 feffffff, 1, -2",
    "|u1, 01 fe, 1, 254",
    "|b1, 01 00, 1, 0",
  })
  void every_other_type_becomes_integers(String type, String bytes, long a, long b) {
    try (TensorFile file = open(npy(type, "2,", hex(bytes)))) {
      assertThat(integers(file.slice("*", 0, 2))).containsExactly(a, b);
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3"})
  void every_version_and_any_order_of_the_keys_is_read(int version) {
    byte[] bytes =
        npy(version, "{'shape':(1,2),'descr':'<f4','fortran_order':False}", floats(7, 8));
    try (TensorFile file = open(bytes)) {
      assertThat(floats(file.slice("*", 0, 1))).containsExactly(7, 8);
    }
  }

  @Test
  void what_is_written_is_read_again_and_aligned_as_numpy_does() throws IOException {
    Path path = folder.resolve("written.npy");
    TensorFile.write(
        path, new TensorValue.Floats(new long[] {2, 1, 2}, new float[] {1, 2, 3, -0f}));
    assertThat(Files.size(path)).isEqualTo(128 + 16);
    assertThat(Files.readString(path, StandardCharsets.ISO_8859_1))
        .startsWith(
            "\u0093NUMPY\u0001\u0000v\u0000{'descr': '<f4', 'fortran_order': False, 'shape'")
        .contains("'shape': (2, 1, 2), }");
    try (TensorFile file = TensorFile.open(path)) {
      assertThat(file.shape("*")).containsExactly(2, 1, 2);
      assertThat(floats(file.slice("*", 0, 2))).containsExactly(1, 2, 3, -0f);
    }
    TensorFile.write(path, new TensorValue.Integers(new long[] {2}, new long[] {1L << 40, -1}));
    try (TensorFile file = TensorFile.open(path)) {
      assertThat(integers(file.slice("*", 0, 2))).containsExactly(1L << 40, -1);
    }
    assertThat(folder).isDirectoryNotContaining("glob:**.pleat-*");
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void an_npz_holds_several_arrays_that_are_read_in_any_order(boolean packed) {
    Path path =
        npz(
            packed,
            Map.of(
                "image.npy", npy("<f4", "4, 1", floats(1, 2, 3, 4)),
                "mask.npy", npy("<i4", "2,", hex("01000000 00000000"))));
    assertThat(TensorFile.isOne(path)).isTrue();
    try (TensorFile file = TensorFile.open(path)) {
      assertThat(file.names()).containsExactlyInAnyOrder("image", "mask");
      assertThat(file.shape("image")).containsExactly(4, 1);
      assertThat(floats(file.slice("image", 2, 4))).containsExactly(3, 4);
      assertThat(integers(file.slice("mask", 0, 1))).containsExactly(1);
      assertThat(floats(file.slice("image", 0, 2))).containsExactly(1, 2);
      assertThat(floats(file.slice("image", 2, 3))).containsExactly(3);
      assertThatThrownBy(() -> file.slice("other", 0, 1))
          .isInstanceOf(PleatException.class)
          .hasMessageContainingAll("'other'", "image", "mask");
    }
  }

  private static Arguments hostile(byte[] bytes, String... parts) {
    return Arguments.of(bytes, parts);
  }

  static Stream<Arguments> hostile_arrays() {
    byte[] good = npy("<f4", "2, 1", floats(1, 2));
    String order = "'fortran_order': False";
    return Stream.of(
        hostile(new byte[0], "no \\x93NUMPY"),
        hostile(Arrays.copyOf(good, 9), "no \\x93NUMPY"),
        hostile(Arrays.copyOf(good, 40), "a header of"),
        hostile(Arrays.copyOf(good, good.length - 1), "asks for 8 bytes", "there are 7"),
        hostile(Arrays.copyOf(good, good.length + 1), "asks for 8 bytes", "there are 9"),
        hostile(npy("<f4", "4294967296, 4294967296, 4", floats(1)), "too many"),
        hostile(npy("<f4", "99999999999999999999", floats(1)), "shape"),
        hostile(npy("<f4", "0, 3", floats()), "holds no samples"),
        hostile(npy("<f4", "", floats(1)), "holds no samples"),
        hostile(npy("<f4", "2, -1", floats(1)), "numpy.save"),
        hostile(npy("<f4", "2 3", floats(1)), "shape"),
        hostile(npy(">f4", "1,", floats(1)), "'>f4'", "astype"),
        hostile(npy("|O", "1,", floats(1)), "'|O'"),
        hostile(
            npy(1, "{'descr': [('a', '<f4')], " + order + ", 'shape': (1,), }", floats(1)),
            "numpy.save"),
        hostile(npy(1, "{'descr': '<f4', " + order + ", }", floats(1)), "numpy.save"),
        hostile(
            npy(1, "{'descr': '<f4', 'descr': '<f4', " + order + ", }", floats(1)), "numpy.save"),
        hostile(
            npy(1, "{'descr': '<f4', " + order + ", 'shape': (1,), } + evil()", floats(1)),
            "numpy.save"),
        hostile(
            npy(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }", floats(1)),
            "Fortran order",
            "ascontiguousarray"),
        hostile(npy(4, "{}", floats(1)), "version 4"),
        hostile(hex("93 4e 55 4d 50 59 02 00 ff ff ff ff 7b 7d"), "a header of 4294967295 bytes"));
  }

  @ParameterizedTest
  @MethodSource("hostile_arrays")
  void a_hostile_array_is_refused_with_its_name(byte[] bytes, String[] parts) {
    assertThatThrownBy(() -> open(bytes))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("array.npy")
        .hasMessageContainingAll(parts)
        .message()
        .hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource({"NaN", "Infinity", "1e300"})
  void values_that_are_no_finite_floats_are_refused_where_they_are(double value) {
    ByteBuffer bytes = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putDouble(1).putDouble(2).putDouble(3).putDouble(value);
    try (TensorFile file = open(npy("<f8", "2, 2", bytes.array()))) {
      assertThat(floats(file.slice("*", 0, 1))).containsExactly(1, 2);
      assertThatThrownBy(() -> file.slice("*", 0, 2))
          .isInstanceOf(PleatException.class)
          .hasMessageContainingAll("array.npy", "entry 1");
    }
  }

  @Test
  void a_damaged_npz_is_refused() throws IOException {
    Path file = npz(true, Map.of("image.npy", npy("<f4", "400, 1", new byte[1600])));
    byte[] bytes = Files.readAllBytes(file);
    assertThatThrownBy(() -> open(Arrays.copyOf(bytes, bytes.length - 30)))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("damaged");
    assertThatThrownBy(() -> TensorFile.open(npz(true, Map.of("a.txt", new byte[3]))))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("a.txt", "no array");
    assertThatThrownBy(() -> TensorFile.open(npz(true, Map.of("a.npy", new byte[30]))))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("'a.npy'");
    assertThatThrownBy(() -> TensorFile.open(folder.resolve("nowhere.npy")))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("no such file");
  }
}
