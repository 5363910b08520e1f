package dev.pleat.onnx.data;

import java.nio.ByteBuffer;

/** The bytes of one array file, plain or packed. */
interface ArrayBytes {

  /** How many there are, as whatever holds them says. */
  long length();

  /**
   * Some of them.
   *
   * @throws dev.pleat.core.PleatException when they cannot be read
   */
  ByteBuffer read(long from, int count);
}
