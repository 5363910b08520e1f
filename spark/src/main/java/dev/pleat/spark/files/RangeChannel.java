package dev.pleat.spark.files;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Reads ranges of a file. What others would map into memory is read into memory outside the heap,
 * through a stream of its own, so that several threads may do so.
 */
final class RangeChannel extends FileChannel {
  private static final int PIECE = 1 << 20;

  private final FileSystem store;
  private final Path file;
  private final FSDataInputStream in;
  private final long size;
  private long position;

  private RangeChannel(FileSystem store, Path file, FSDataInputStream in, long size) {
    this.store = store;
    this.file = file;
    this.in = in;
    this.size = size;
  }

  static RangeChannel open(FileSystem store, Path file) throws IOException {
    long size = store.getFileStatus(file).getLen();
    return new RangeChannel(store, file, store.open(file), size);
  }

  @Override
  public synchronized int read(ByteBuffer to, long from) throws IOException {
    if (from >= size) {
      return -1;
    }
    if (in.getPos() != from) {
      in.seek(from);
    }
    byte[] piece = new byte[Math.min(PIECE, to.remaining())];
    int count = in.read(piece, 0, piece.length);
    if (count > 0) {
      to.put(piece, 0, count);
    }
    return count;
  }

  @Override
  public synchronized int read(ByteBuffer to) throws IOException {
    int count = read(to, position);
    position += Math.max(count, 0);
    return count;
  }

  @Override
  public synchronized long read(ByteBuffer[] to, int offset, int length) throws IOException {
    long all = 0;
    for (int i = offset; i < offset + length; i++) {
      while (to[i].hasRemaining()) {
        int count = read(to[i]);
        if (count < 0) {
          return all == 0 ? -1 : all;
        }
        all += count;
      }
    }
    return all;
  }

  @Override
  public MemorySegment map(MapMode mode, long offset, long length, Arena arena) throws IOException {
    if (mode != MapMode.READ_ONLY) {
      throw new UnsupportedOperationException("only for reading");
    }
    MemorySegment memory = arena.allocate(length, Long.BYTES);
    byte[] piece = new byte[(int) Math.min(PIECE, length)];
    try (FSDataInputStream own = store.open(file)) {
      own.seek(offset);
      for (long at = 0; at < length; ) {
        int count = own.read(piece, 0, (int) Math.min(piece.length, length - at));
        if (count < 0) {
          throw new EOFException("ends after %d of %d bytes".formatted(at, length));
        }
        MemorySegment.copy(MemorySegment.ofArray(piece), 0, memory, at, count);
        at += count;
      }
    }
    return memory;
  }

  @Override
  public synchronized long position() {
    return position;
  }

  @Override
  public synchronized FileChannel position(long to) {
    position = to;
    return this;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  protected void implCloseChannel() throws IOException {
    in.close();
  }

  private static UnsupportedOperationException onlyRead() {
    return new UnsupportedOperationException("only for reading");
  }

  @Override
  public int write(ByteBuffer from) {
    throw onlyRead();
  }

  @Override
  public int write(ByteBuffer from, long to) {
    throw onlyRead();
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) {
    throw onlyRead();
  }

  @Override
  public FileChannel truncate(long length) {
    throw onlyRead();
  }

  @Override
  public void force(boolean metadata) {
    throw onlyRead();
  }

  @Override
  public long transferTo(long from, long count, WritableByteChannel to) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, count));
    long at = from;
    while (at < from + count) {
      piece.clear().limit((int) Math.min(piece.capacity(), from + count - at));
      int read = read(piece, at);
      if (read < 0) {
        break;
      }
      piece.flip();
      while (piece.hasRemaining()) {
        to.write(piece);
      }
      at += read;
    }
    return at - from;
  }

  @Override
  public long transferFrom(ReadableByteChannel from, long to, long count) {
    throw onlyRead();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long offset, long length) {
    throw onlyRead();
  }

  @Override
  public FileLock lock(long from, long length, boolean shared) {
    throw onlyRead();
  }

  @Override
  public FileLock tryLock(long from, long length, boolean shared) {
    throw onlyRead();
  }
}
