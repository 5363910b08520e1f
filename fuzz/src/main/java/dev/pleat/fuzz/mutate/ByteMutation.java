package dev.pleat.fuzz.mutate;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Flips, cuts, repeats and overwrites bytes. */
final class ByteMutation implements Mutation {
  @Override
  public byte[] apply(byte[] bytes, RandomGenerator random) {
    if (bytes.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    int at = random.nextInt(bytes.length);
    int count = Math.min(bytes.length - at, 1 << random.nextInt(10));
    return switch (random.nextInt(6)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> joined(bytes, at, new byte[0], at + count);
      case 2 -> joined(bytes, at, Arrays.copyOfRange(bytes, at, at + count), at);
      case 3 -> {
        byte[] noise = new byte[count];
        random.nextBytes(noise);
        yield joined(bytes, at, noise, at + count);
      }
      case 4 -> overwritten(bytes, at, random);
      default -> {
        byte[] flipped = bytes.clone();
        for (int i = 0; i <= random.nextInt(4); i++) {
          flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
        }
        yield flipped;
      }
    };
  }

  private static byte[] overwritten(byte[] bytes, int at, RandomGenerator random) {
    int width = 1 << random.nextInt(1, 4);
    byte[] copy = bytes.clone();
    if (at + width <= copy.length) {
      ByteBuffer number = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      number.putLong(Mutation.number(random));
      System.arraycopy(number.array(), 0, copy, at, width);
    }
    return copy;
  }

  private static byte[] joined(byte[] bytes, int head, byte[] middle, int tail) {
    byte[] joined = Arrays.copyOf(bytes, head + middle.length + bytes.length - tail);
    System.arraycopy(middle, 0, joined, head, middle.length);
    System.arraycopy(bytes, tail, joined, head + middle.length, bytes.length - tail);
    return joined;
  }
}
