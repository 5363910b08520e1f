package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * An array in a zip file, unpacked as it is read: in order for the price of one pass, while going
 * back starts again where the entry is deflated.
 */
final class ZipArray implements ArrayBytes {
  private final Path file;
  private final ZipFile zip;
  private final ZipEntry entry;
  private InputStream in = InputStream.nullInputStream();
  private long position = Long.MAX_VALUE;

  ZipArray(Path file, ZipFile zip, ZipEntry entry) {
    this.file = file;
    this.zip = zip;
    this.entry = entry;
  }

  @Override
  public long length() {
    return entry.getSize();
  }

  @Override
  public ByteBuffer read(long from, int count) {
    try {
      if (from < position) {
        in.close();
        in = zip.getInputStream(entry);
        position = 0;
      }
      in.skipNBytes(from - position);
      byte[] bytes = in.readNBytes(count);
      position = from + bytes.length;
      if (bytes.length < count) {
        throw new PleatException(
            "%s: '%s' ends after %d of %d bytes; save it again"
                .formatted(file, entry.getName(), position, length()));
      }
      return ByteBuffer.wrap(bytes);
    } catch (IOException e) {
      throw new PleatException(
          "%s: '%s' is damaged (%s); save it again"
              .formatted(file, entry.getName(), e.getMessage()),
          e);
    }
  }
}
