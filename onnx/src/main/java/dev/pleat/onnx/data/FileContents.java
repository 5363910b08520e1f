package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The bytes of a file: mapped where plain, unpacked where they begin as gzip does. */
final class FileContents {
  /** Deflate never packs tighter than this. */
  private static final long TIGHTEST_PACKING = 1032;

  private FileContents() {}

  static MemorySegment mapped(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  static boolean isGzip(MemorySegment bytes) {
    return bytes.byteSize() >= 2
        && bytes.get(ValueLayout.JAVA_BYTE, 0) == (byte) 0x1f
        && bytes.get(ValueLayout.JAVA_BYTE, 1) == (byte) 0x8b;
  }

  /** The first bytes of a packed file, fewer where it ends before. */
  static MemorySegment unpackedStart(Path file, int length) {
    try (InputStream in = unpack(file)) {
      return MemorySegment.ofArray(in.readNBytes(length));
    } catch (IOException e) {
      throw damaged(file, e);
    }
  }

  /**
   * All bytes of a packed file that must hold exactly this many. Nothing is allocated for a length
   * that the packed file cannot hold, or that is too much for the memory there is.
   */
  static MemorySegment unpacked(Path file, long length) {
    try {
      long packed = Files.size(file);
      if (length / TIGHTEST_PACKING > packed) {
        throw new PleatException(
            "%s: its header asks for %d bytes, but %d packed bytes cannot hold them; fetch it again"
                .formatted(file, length, packed));
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    if (length > Math.min(Integer.MAX_VALUE - 16, Runtime.getRuntime().maxMemory() / 2)) {
      throw new PleatException(
          "%s: %d bytes when unpacked are too many to hold; unpack it (gunzip) and give that file"
              .formatted(file, length));
    }
    try (InputStream in = unpack(file)) {
      byte[] bytes = new byte[(int) length];
      int read = in.readNBytes(bytes, 0, bytes.length);
      if (read < length) {
        throw new PleatException(
            "%s: cut off: its header asks for %d bytes and it unpacks to %d; fetch it again"
                .formatted(file, length, read));
      }
      if (in.read() >= 0) {
        throw new PleatException(
            "%s: unpacks to more than the %d bytes its header asks for; fetch it again"
                .formatted(file, length));
      }
      return MemorySegment.ofArray(bytes);
    } catch (IOException e) {
      throw damaged(file, e);
    }
  }

  private static InputStream unpack(Path file) throws IOException {
    InputStream raw = Files.newInputStream(file);
    try {
      return new BufferedInputStream(new GZIPInputStream(raw, 1 << 16));
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  private static PleatException damaged(Path file, IOException e) {
    if (e instanceof EOFException || e instanceof ZipException) {
      return new PleatException(
          "%s: damaged or cut off gzip data (%s); fetch it again".formatted(file, e.getMessage()),
          e);
    }
    return unreadable(file, e);
  }

  static PleatException unreadable(Path path, IOException e) {
    return new PleatException("%s: cannot be read: %s".formatted(path, e.getMessage()), e);
  }
}
