package dev.pleat.onnx.model;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.pleat.core.PleatException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes models. Weights stay inside the file unless the original kept them outside or the message
 * would pass 2 GiB; then they go to one file beside it.
 */
public final class ModelWriter {
  /** A message that is larger cannot be read back by protobuf. */
  private static final long LARGEST_MESSAGE = 2_000_000_000L;

  /** Smaller tensors stay inside, as every exporter does. */
  private static final int SMALLEST_EXTERNAL = 1024;

  private static final int ALIGNMENT = 64;

  private final ExternalSource source;
  private final Path data;

  private ModelWriter(ExternalSource source, Path data) {
    this.source = source;
    this.data = data;
  }

  /** Where the bytes of tensors are that the model does not hold. */
  @FunctionalInterface
  public interface ExternalSource {
    /** The bytes of a tensor whose data is external. */
    MemorySegment bytes(String name, TensorProto tensor);
  }

  /** The name of the file that holds external data of a model. */
  public static Path dataFile(Path model) {
    return model.resolveSibling(model.getFileName() + ".data");
  }

  /**
   * Writes a model again that reads its tensors from a file of another name.
   *
   * @param from the name of the file of external data now
   * @param to its name in the copy
   * @throws IOException when the model cannot be read or the copy not written
   */
  public static void copy(Path model, String from, String to, Path copy) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(copy), 1 << 16)) {
      AllTensors.moved(ModelReader.parse(model), from, to).writeTo(out);
    }
  }

  /**
   * Writes a model derived from {@code original}; its unchanged external tensors are copied.
   *
   * @throws PleatException when the files cannot be written
   */
  public static void write(OnnxModel original, ModelProto model, Path file) {
    boolean external =
        original.usesExternalData()
            || model.getSerializedSize() < 0
            || model.getSerializedSize() > LARGEST_MESSAGE;
    write(original::externalBytes, external, model, file);
  }

  /**
   * Writes a model and, beside it, the external data of its tensors.
   *
   * @throws PleatException when the files cannot be written
   */
  public static void write(ExternalSource source, ModelProto model, Path file) {
    write(source, true, model, file);
  }

  private static void write(ExternalSource source, boolean external, ModelProto model, Path file) {
    try {
      ModelProto whole = model;
      if (external) {
        Path data = dataFile(file);
        try (FileChannel channel =
            FileChannel.open(data, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          ModelWriter writer = new ModelWriter(source, data);
          whole =
              AllTensors.change(
                  model, (tensor, initializer) -> writer.externalize(tensor, initializer, channel));
        }
        if (Files.size(data) == 0) {
          Files.delete(data);
        }
      }
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
        whole.writeTo(out);
      }
    } catch (IOException e) {
      throw new PleatException(
          "%s: cannot be written: %s; free some space or write elsewhere"
              .formatted(file, reason(e)),
          e);
    }
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  /** What was outside stays outside unless it is small; what was inside stays in attributes. */
  private TensorProto externalize(TensorProto tensor, boolean initializer, FileChannel channel)
      throws IOException {
    if (TensorData.isExternal(tensor)) {
      MemorySegment bytes = source.bytes(tensor.getName(), tensor);
      return bytes.byteSize() < SMALLEST_EXTERNAL
          ? tensor.toBuilder()
              .clearExternalData()
              .clearDataLocation()
              .setRawData(ByteString.copyFrom(bytes.asByteBuffer()))
              .build()
          : outside(tensor, bytes, channel);
    }
    ByteString raw = tensor.getRawData();
    return initializer && raw.size() >= SMALLEST_EXTERNAL
        ? outside(tensor, MemorySegment.ofBuffer(raw.asReadOnlyByteBuffer()), channel)
        : tensor;
  }

  private TensorProto outside(TensorProto tensor, MemorySegment bytes, FileChannel channel)
      throws IOException {
    long offset = (channel.position() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    channel.position(offset);
    long length = copy(bytes, channel);
    return tensor.toBuilder()
        .clearRawData()
        .clearExternalData()
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", data.getFileName().toString()))
        .addExternalData(entry("offset", Long.toString(offset)))
        .addExternalData(entry("length", Long.toString(length)))
        .build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static long copy(MemorySegment bytes, FileChannel channel) throws IOException {
    long step = 1 << 28;
    for (long from = 0; from < bytes.byteSize(); from += step) {
      write(bytes.asSlice(from, Math.min(step, bytes.byteSize() - from)).asByteBuffer(), channel);
    }
    return bytes.byteSize();
  }

  private static void write(ByteBuffer bytes, FileChannel channel) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
