package dev.pleat.fuzz.mutate;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Damages the header of a safetensors file as JSON, its length, or the bytes. */
final class SafetensorsMutation implements Mutation {
  @Override
  public byte[] apply(byte[] bytes, RandomGenerator random) {
    if (bytes.length < Long.BYTES || random.nextInt(4) == 0) {
      return new ByteMutation().apply(bytes, random);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long length = buffer.getLong(0);
    if (random.nextInt(8) == 0 || length < 0 || length > bytes.length - Long.BYTES) {
      byte[] other = bytes.clone();
      ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN).putLong(0, Mutation.number(random));
      return other;
    }
    int end = (int) (Long.BYTES + length);
    byte[] header = new JsonMutation().apply(Arrays.copyOfRange(bytes, Long.BYTES, end), random);
    ByteBuffer made =
        ByteBuffer.allocate(Long.BYTES + header.length + bytes.length - end)
            .order(ByteOrder.LITTLE_ENDIAN);
    made.putLong(header.length).put(header).put(bytes, end, bytes.length - end);
    return made.array();
  }
}
