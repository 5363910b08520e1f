package dev.pleat.onnx.model;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
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
          ModelProto.Builder builder = model.toBuilder();
          writer.externalize(builder.getGraphBuilder(), channel);
          whole = builder.build();
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

  private void externalize(GraphProto.Builder graph, FileChannel channel) throws IOException {
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      TensorProto tensor = graph.getInitializer(i);
      TensorProto moved = externalize(tensor, channel);
      if (moved != tensor) {
        graph.setInitializer(i, moved);
      }
    }
    for (int n = 0; n < graph.getNodeCount(); n++) {
      NodeProto node = graph.getNode(n);
      for (int a = 0; a < node.getAttributeCount(); a++) {
        AttributeProto attribute = node.getAttribute(a);
        if (attribute.hasT() && TensorData.isExternal(attribute.getT())) {
          graph
              .getNodeBuilder(n)
              .getAttributeBuilder(a)
              .setT(externalize(attribute.getT(), channel));
        }
        if (attribute.hasG()) {
          externalize(graph.getNodeBuilder(n).getAttributeBuilder(a).getGBuilder(), channel);
        }
      }
    }
  }

  private TensorProto externalize(TensorProto tensor, FileChannel channel) throws IOException {
    boolean external = TensorData.isExternal(tensor);
    if (!external && tensor.getRawData().size() < SMALLEST_EXTERNAL) {
      return tensor;
    }
    long offset = (channel.position() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    channel.position(offset);
    long length =
        external
            ? copy(source.bytes(tensor.getName(), tensor), channel)
            : write(tensor.getRawData().asReadOnlyByteBuffer(), channel);
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

  private static long write(ByteBuffer bytes, FileChannel channel) throws IOException {
    long written = 0;
    while (bytes.hasRemaining()) {
      written += channel.write(bytes);
    }
    return written;
  }
}
