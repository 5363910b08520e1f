package dev.pleat.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.llm.safetensors.Checkpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The tensors of a model by name, apart from everything else that is in its files.
 *
 * @param bytes shape, type and elements of each
 * @param floats elements of those that have 32 bits each
 */
record Weights(Map<String, byte[]> bytes, Map<String, float[]> floats) {
  private static final int PROJECTIONS = 4;

  /** What is smaller is zero with the rounding of a run, such as means of what was centred. */
  private static final double SMALLEST_NORM = 1e-3;

  /** Those of a file or a directory. */
  static Weights of(Path model) throws IOException {
    Weights weights = new Weights(new TreeMap<>(), new TreeMap<>());
    if (Files.isRegularFile(model)) {
      ModelProto proto = ModelProto.parseFrom(Files.readAllBytes(model));
      proto.getGraph().getInitializerList().forEach(weights::add);
    } else {
      try (Checkpoint checkpoint = Checkpoint.open(model)) {
        checkpoint.names().forEach(name -> weights.add(name, checkpoint));
      }
    }
    return weights;
  }

  private void add(TensorProto tensor) {
    bytes.put(tensor.getName(), tensor.toByteArray());
    if (tensor.getDataType() == TensorProto.DataType.FLOAT.getNumber() && tensor.hasRawData()) {
      float[] values = new float[tensor.getRawData().size() / Float.BYTES];
      tensor
          .getRawData()
          .asReadOnlyByteBuffer()
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(values);
      floats.put(tensor.getName(), values);
    }
  }

  private void add(String name, Checkpoint checkpoint) {
    float[] values = checkpoint.floats(name);
    byte[] shape = Arrays.toString(checkpoint.info(name).shape()).getBytes(UTF_8);
    ByteBuffer all = ByteBuffer.allocate(shape.length + values.length * Float.BYTES).put(shape);
    all.asFloatBuffer().put(values);
    bytes.put(name, all.array());
    floats.put(name, values);
  }

  /** Of all names and bytes, in hexadecimal. */
  String sha256() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      bytes.forEach((name, content) -> {
        digest.update(name.getBytes(UTF_8));
        digest.update(content);
      });
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sums with random signs over all tensors, each brought to norm 1. */
  double[] projections() {
    double[] sums = new double[PROJECTIONS];
    floats.forEach((name, values) -> {
      double squares = 0;
      double[] signed = new double[PROJECTIONS];
      SplittableRandom signs = new SplittableRandom(name.hashCode());
      for (float value : values) {
        squares += (double) value * value;
        for (int k = 0; k < PROJECTIONS; k++) {
          signed[k] += signs.nextBoolean() ? value : -value;
        }
      }
      double norm = Math.max(SMALLEST_NORM, Math.sqrt(squares));
      for (int k = 0; k < PROJECTIONS; k++) {
        sums[k] += signed[k] / norm;
      }
    });
    return sums;
  }
}
