package dev.pleat.fuzz;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.ModelWriter;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.output.StagedOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/**
 * Replaces a model and its data again and again, so that a kill mostly hits a commit. Each model's
 * name is the number that all its weights are.
 */
public final class CommitLoop {
  private static final int WEIGHTS = 4096;

  private CommitLoop() {}

  /** Loops until it is killed: {@code FILE FIRST TIMES}. Says + before each commit and - after. */
  public static void main(String... arguments) {
    loop(
        Path.of(arguments[0]),
        Long.parseLong(arguments[1]),
        Long.parseLong(arguments[2]),
        System.out);
  }

  /** Loops some times, starting with a number. */
  static void loop(Path file, long first, long times, PrintStream signs) {
    for (long k = first; k - first < times; k++) {
      try (StagedOutput stage = StagedOutput.ofModel(List.of(), file, true)) {
        ModelWriter.write(
            (name, tensor) -> {
              throw new IllegalStateException("all weights are inside");
            },
            model(k % 1000),
            stage.model());
        signs.print('+');
        signs.flush();
        stage.commit();
        signs.print('-');
        signs.flush();
      }
    }
  }

  private static ModelProto model(long number) {
    ByteBuffer weights = ByteBuffer.allocate(WEIGHTS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (weights.hasRemaining()) {
      weights.putFloat(number);
    }
    GraphProto graph =
        GraphProto.newBuilder()
            .setName(Long.toString(number))
            .addInitializer(
                TensorProto.newBuilder()
                    .setName("w")
                    .setDataType(TensorProto.DataType.FLOAT_VALUE)
                    .addDims(WEIGHTS)
                    .setRawData(ByteString.copyFrom(weights.flip())))
            .addNode(NodeProto.newBuilder().setOpType("Identity").addInput("w").addOutput("y"))
            .build();
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(graph)
        .build();
  }

  /** What is wrong with the model that is there now; empty when it is one of those written. */
  static String fault(Path file) {
    try {
      OnnxModel model = ModelReader.read(file);
      float wanted = Float.parseFloat(model.graph().getName());
      for (float weight : model.floats(model.constant("w"))) {
        if (weight != wanted) {
          return "model %s has the weight %s of another".formatted(wanted, weight);
        }
      }
      return "";
    } catch (PleatException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** The first commit, so that there is something to replace. */
  static void begin(Path file) throws IOException {
    loop(file, 0, 1, new PrintStream(OutputStream.nullOutputStream()));
    if (!fault(file).isEmpty()) {
      throw new IOException("the first model is none: " + fault(file));
    }
  }
}
