package dev.pleat.llm.safetensors;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The SHA-256 of files and of parts of them, read once through a small buffer. */
public final class Sha256 {
  private static final int PIECE = 1 << 20;

  private final MessageDigest digest;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);

  /** Nothing hashed yet. */
  public Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  /**
   * The hash of a file.
   *
   * @throws PleatException when it cannot be read
   */
  public static String of(Path file) {
    Sha256 hash = new Sha256();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      hash.add(channel, 0, channel.size());
      return hash.hex();
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(file, e), e);
    }
  }

  /** Adds bytes. */
  public void add(byte[] bytes) {
    digest.update(bytes);
  }

  /** Adds part of a file, as far as the file has it. */
  void add(FileChannel channel, long from, long count) throws IOException {
    long end = from + count;
    for (long at = from; at < end; ) {
      buffer.clear().limit((int) Math.min(PIECE, end - at));
      int read = channel.read(buffer, at);
      if (read < 0) {
        return;
      }
      digest.update(buffer.flip());
      at += read;
    }
  }

  /** The hash of what was added, in hexadecimal; starts anew. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
