package dev.pleat.onnx.walk;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.HeldOutputs;
import dev.pleat.onnx.run.TensorValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps activations between two steps of a walk: in memory up to a limit, beyond it in a temporary
 * file, so that a walk needs the same memory whatever the number of inputs.
 */
final class ActivationStore implements AutoCloseable {
  /** Bytes of activations that stay in memory. */
  static final long USUAL_LIMIT = 1L << 27;

  private final long limit;
  private final Map<Integer, Deque<Long>> free = new HashMap<>();
  private Optional<FileChannel> file = Optional.empty();
  private long held;
  private long end;

  /** A value that is kept. */
  sealed interface Kept {
    /** Where the runtime made it: one output of one run. */
    record InRuntime(HeldOutputs output) implements Kept {}

    /** In memory. */
    record InMemory(TensorValue value) implements Kept {}

    /** Floats in the file. */
    record InFile(long[] shape, long offset, int bytes) implements Kept {}
  }

  ActivationStore(long limit) {
    this.limit = limit;
  }

  /** Keeps the one output that is given, which is the store's to close from here on. */
  Kept put(HeldOutputs output) {
    if (held + output.bytes() <= limit) {
      held += output.bytes();
      return new Kept.InRuntime(output);
    }
    try (output) {
      return put(only(output));
    }
  }

  private static TensorValue only(HeldOutputs output) {
    return output.values().values().iterator().next();
  }

  Kept put(TensorValue value) {
    if (!(value instanceof TensorValue.Floats(long[] shape, float[] values))) {
      return new Kept.InMemory(value);
    }
    long size = 4L * values.length;
    if (held + size <= limit || size > Integer.MAX_VALUE - 8) {
      held += size;
      return new Kept.InMemory(value);
    }
    int bytes = (int) size;
    Deque<Long> vacant = free.getOrDefault(bytes, new ArrayDeque<>());
    long offset = vacant.isEmpty() ? end : vacant.removeLast();
    end = Math.max(end, offset + bytes);
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    buffer.asFloatBuffer().put(values);
    try {
      for (long at = offset; buffer.hasRemaining(); ) {
        at += channel().write(buffer, at);
      }
    } catch (IOException e) {
      throw failed("written to", e);
    }
    return new Kept.InFile(shape, offset, bytes);
  }

  TensorValue get(Kept kept) {
    return switch (kept) {
      case Kept.InRuntime(HeldOutputs output) -> only(output);
      case Kept.InMemory(TensorValue value) -> value;
      case Kept.InFile(long[] shape, long offset, int bytes) -> {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
        try {
          while (buffer.hasRemaining()) {
            if (channel().read(buffer, offset + buffer.position()) < 0) {
              throw new IOException("it ends early");
            }
          }
        } catch (IOException e) {
          throw failed("read", e);
        }
        float[] values = new float[bytes / 4];
        buffer.flip().asFloatBuffer().get(values);
        yield new TensorValue.Floats(shape, values);
      }
    };
  }

  void remove(Kept kept) {
    switch (kept) {
      case Kept.InRuntime(HeldOutputs output) -> {
        held -= output.bytes();
        output.close();
      }
      case Kept.InMemory(TensorValue value) ->
          held -= value instanceof TensorValue.Floats floats ? 4L * floats.values().length : 0;
      case Kept.InFile(long[] shape, long offset, int bytes) ->
          free.computeIfAbsent(bytes, b -> new ArrayDeque<>()).add(offset);
    }
  }

  private FileChannel channel() throws IOException {
    if (file.isEmpty()) {
      Path path = Files.createTempFile("pleat-activations-", ".bin");
      file =
          Optional.of(
              FileChannel.open(
                  path,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.DELETE_ON_CLOSE));
    }
    return file.get();
  }

  private static PleatException failed(String what, IOException e) {
    return new PleatException(
        "the temporary file of activations cannot be %s (%s); give fewer inputs, or another temporary folder with PLEAT_OPTS=-Djava.io.tmpdir=FOLDER"
            .formatted(what, e.getMessage()),
        e);
  }

  @Override
  public void close() {
    try {
      if (file.isPresent()) {
        file.get().close();
      }
    } catch (IOException e) {
      throw failed("closed", e);
    }
  }
}
