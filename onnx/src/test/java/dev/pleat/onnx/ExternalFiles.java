package dev.pleat.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes models with external data by hand. */
final class ExternalFiles {
  private ExternalFiles() {}

  /**
   * Moves every initializer of at least 64 bytes to one file; the runtime wants small ones inside.
   */
  static void moveOut(ModelProto.Builder model, Path file) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (TensorProto.Builder tensor : model.getGraphBuilder().getInitializerBuilderList()) {
      byte[] bytes = tensor.getRawData().toByteArray();
      if (bytes.length < 64) {
        continue;
      }
      tensor
          .clearRawData()
          .setDataLocation(TensorProto.DataLocation.EXTERNAL)
          .addExternalData(entry("location", file.getFileName().toString()))
          .addExternalData(entry("offset", Integer.toString(data.size())))
          .addExternalData(entry("length", Integer.toString(bytes.length)));
      data.writeBytes(bytes);
    }
    Files.write(file, data.toByteArray());
  }

  /** Bytes between the tensors in a model's data file. */
  static long gaps(Path model) throws IOException {
    long end = 0;
    long used = 0;
    ModelProto proto = ModelProto.parseFrom(Files.readAllBytes(model));
    for (TensorProto tensor : proto.getGraph().getInitializerList()) {
      if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
        long offset = Long.parseLong(tensor.getExternalData(1).getValue());
        long length = Long.parseLong(tensor.getExternalData(2).getValue());
        end = Math.max(end, offset + length);
        used += length;
      }
    }
    return end - used;
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
