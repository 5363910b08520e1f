package dev.pleat.fuzz.mutate;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.random.RandomGenerator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** Damages the arrays in an .npz, their names, or the archive itself. */
final class ZipMutation implements Mutation {
  @Override
  public byte[] apply(byte[] bytes, RandomGenerator random) {
    if (random.nextInt(3) == 0) {
      return new ByteMutation().apply(bytes, random);
    }
    ByteArrayOutputStream made = new ByteArrayOutputStream();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(bytes));
        ZipOutputStream out = new ZipOutputStream(made)) {
      ZipEntry entry = in.getNextEntry();
      while (entry != null) {
        byte[] array = in.readAllBytes();
        String name = random.nextInt(5) == 0 ? Mutation.text(random) : entry.getName();
        out.putNextEntry(new ZipEntry(name));
        out.write(new NpyMutation().apply(array, random));
        out.closeEntry();
        entry = in.getNextEntry();
      }
    } catch (IOException | IllegalArgumentException damaged) {
      return new ByteMutation().apply(bytes, random);
    }
    return made.toByteArray();
  }
}
