package dev.pleat.llm.safetensors;

import dev.pleat.core.PleatException;
import dev.pleat.core.tensor.FloatEncoding;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A matrix of 8-bit floats (E4M3, without infinities) of which each block of 128×128 has a scale,
 * as DeepSeek V3 and others after it are published: value = stored · scale, rounded to BF16.
 *
 * @param stored the 8-bit floats, [rows, columns]
 * @param scales [⌈rows/128⌉, ⌈columns/128⌉]
 */
record BlockScaled(TensorInfo stored, TensorInfo scales) {
  /** What the name of the scales adds to that of the matrix. */
  static final String SUFFIX = "_scale_inv";

  private static final int BLOCK = 128;

  /** Values of all 8-bit floats: a sign, four bits of exponent with a bias of 7, three more. */
  private static final float[] E4M3 = new float[256];

  static {
    for (int bits = 0; bits < E4M3.length; bits++) {
      int exponent = bits >> 3 & 15;
      int fraction = bits & 7;
      float size =
          exponent == 15 && fraction == 7
              ? Float.NaN
              : exponent == 0
                  ? Math.scalb((float) fraction, -9)
                  : Math.scalb(8f + fraction, exponent - 10);
      E4M3[bits] = (bits & 128) == 0 ? size : -size;
    }
  }

  /**
   * A tensor with its scales; empty when it is of another type or has none.
   *
   * @param all tensors by name
   * @throws PleatException when the scales do not fit it
   */
  static Optional<BlockScaled> of(TensorInfo stored, Map<String, TensorInfo> all) {
    TensorInfo scales = all.get(stored.name() + SUFFIX);
    if (stored.type() != DataType.F8_E4M3 || scales == null) {
      return Optional.empty();
    }
    long[] shape = stored.shape();
    if (shape.length != 2 || shape[0] > Integer.MAX_VALUE || shape[1] > Integer.MAX_VALUE) {
      throw new PleatException(
          "%s: tensor '%s' has scales and the shape %s, expected a matrix; the file is damaged, download it again"
              .formatted(stored.file(), stored.name(), Arrays.toString(shape)));
    }
    long[] expected = {Math.ceilDiv(shape[0], BLOCK), Math.ceilDiv(shape[1], BLOCK)};
    if (!Arrays.equals(scales.shape(), expected)) {
      throw new PleatException(
          "%s: tensor '%s' has the shape %s, expected %s, a scale for each 128 x 128 values of '%s'; give the checkpoint it was quantised from"
              .formatted(
                  scales.file(),
                  scales.name(),
                  Arrays.toString(scales.shape()),
                  Arrays.toString(expected),
                  stored.name()));
    }
    scales.encoding();
    return Optional.of(new BlockScaled(stored, scales));
  }

  /** The tensor that it stands for. Its bytes are in no file: the offset is that of the stored. */
  TensorInfo values() {
    return new TensorInfo(
        stored.name(),
        DataType.BF16,
        stored.shape(),
        stored.file(),
        stored.offset(),
        Math.multiplyExact(stored.length(), FloatEncoding.BF16.bytes()));
  }

  /**
   * Decodes.
   *
   * @param from the stored bytes
   * @param scaleBytes those of the scales
   * @param to takes the values as BF16
   */
  void decode(MemorySegment from, MemorySegment scaleBytes, MemorySegment to) {
    int rows = (int) stored.shape()[0];
    int columns = (int) stored.shape()[1];
    int blocks = (int) scales.shape()[1];
    IntStream.range(0, (int) scales.shape()[0])
        .parallel()
        .forEach(b -> {
          float[] factors = new float[blocks];
          scales.encoding().decode(scaleBytes, (long) b * blocks, factors, 0, blocks);
          float[] row = new float[columns];
          for (int r = b * BLOCK; r < Math.min(rows, (b + 1) * BLOCK); r++) {
            long start = (long) r * columns;
            for (int c = 0; c < columns; c++) {
              int bits = from.get(ValueLayout.JAVA_BYTE, start + c) & 0xff;
              row[c] = E4M3[bits] * factors[c / BLOCK];
            }
            FloatEncoding.BF16.encode(
                row, 0, columns, to.asSlice(start * FloatEncoding.BF16.bytes()));
          }
        });
  }
}
