package dev.pleat.fuzz.mutate;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Changes type, order or shape in the header of an .npy file, or the bytes. */
final class NpyMutation implements Mutation {
  private static final int START = 10;

  @Override
  public byte[] apply(byte[] bytes, RandomGenerator random) {
    if (bytes.length < 128 || random.nextInt(3) == 0) {
      return new ByteMutation().apply(bytes, random);
    }
    String header = new String(bytes, START, 118, StandardCharsets.ISO_8859_1);
    String[] types = {"<f4", "<f8", "<f2", ">f4", "<i8", "|u1", "|O", "<U9", "|b1", "<f999999999"};
    String other =
        switch (random.nextInt(4)) {
          case 0 ->
              header.replaceFirst(
                  "'[<>|][a-zA-Z]\\d+'", "'" + types[random.nextInt(types.length)] + "'");
          case 1 -> header.replace("False", random.nextBoolean() ? "True" : "None");
          case 2 -> header.replaceFirst("\\(\\d+", "(" + Mutation.number(random));
          default -> header.replaceFirst(", \\d+", ", " + Mutation.number(random));
        };
    byte[] text = other.getBytes(StandardCharsets.ISO_8859_1);
    byte[] made = bytes.clone();
    System.arraycopy(Arrays.copyOf(text, 118), 0, made, START, 118);
    return made;
  }
}
