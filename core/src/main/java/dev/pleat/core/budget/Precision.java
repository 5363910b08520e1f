package dev.pleat.core.budget;

/** How a microcontroller holds numbers. */
public enum Precision {
  /** Everything in 4 bytes. */
  FP32(4),
  /** Weights and activations in 1 byte; vectors such as biases and scales stay in 4. */
  INT8(1);

  private final int bytes;

  Precision(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of an activation, or of an element of a weight with two axes or more. */
  public int bytes() {
    return bytes;
  }

  /** Bytes of an element of a tensor of this many axes. */
  int bytes(int axes) {
    return axes < 2 ? FP32.bytes : bytes;
  }
}
