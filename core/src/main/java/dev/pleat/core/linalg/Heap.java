package dev.pleat.core.linalg;

import dev.pleat.core.PleatException;

/** Says beforehand that something large does not fit the memory that Java may use. */
public final class Heap {
  private static final double GIB = 1L << 30;

  private Heap() {}

  /**
   * Refuses what cannot fit.
   *
   * @param bytes what the values alone take
   * @param purpose what they are for, to begin the message with
   * @throws PleatException when Java may not use as much
   */
  public static void require(long bytes, String purpose) {
    require(bytes, Runtime.getRuntime().maxMemory(), purpose);
  }

  static void require(long bytes, long most, String purpose) {
    if (bytes > most) {
      throw new PleatException(
          "%s takes %.1f GiB of memory at once, and Java may use %.1f GiB; give it more, as in PLEAT_OPTS=-Xmx%dg, or leave that group out with --exclude"
              .formatted(purpose, bytes / GIB, most / GIB, (long) Math.ceil(bytes * 1.25 / GIB)));
    }
  }
}
