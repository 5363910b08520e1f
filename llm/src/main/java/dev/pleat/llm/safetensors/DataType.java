package dev.pleat.llm.safetensors;

import dev.pleat.core.tensor.FloatEncoding;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The element types of safetensors, by the names that headers give them. */
public enum DataType {
  F64(64, FloatEncoding.F64),
  F32(32, FloatEncoding.F32),
  F16(16, FloatEncoding.F16),
  BF16(16, FloatEncoding.BF16),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F6_E2M3(6),
  F6_E3M2(6),
  F4(4),
  C64(64),
  I64(64),
  I32(32),
  I16(16),
  I8(8),
  U64(64),
  U32(32),
  U16(16),
  U8(8),
  BOOL(8);

  private final int bits;
  private final @Nullable FloatEncoding encoding;

  DataType(int bits) {
    this(bits, null);
  }

  DataType(int bits, @Nullable FloatEncoding encoding) {
    this.bits = bits;
    this.encoding = encoding;
  }

  /** The type of this name, empty when there is none. */
  public static Optional<DataType> named(String name) {
    return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
  }

  /** All names, for messages. */
  static String names() {
    return Arrays.stream(values()).map(DataType::name).collect(Collectors.joining(", "));
  }

  /** Bits of one element: below a byte for F4 and F6. */
  public int bits() {
    return bits;
  }

  /** How to decode the values; empty for types that are only carried through. */
  public Optional<FloatEncoding> encoding() {
    return Optional.ofNullable(encoding);
  }
}
