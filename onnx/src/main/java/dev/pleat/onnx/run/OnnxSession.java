package dev.pleat.onnx.run;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.pleat.core.PleatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model opened in ONNX Runtime on the CPU. Not for use by several threads at once. */
public final class OnnxSession implements AutoCloseable {
  private final String name;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<TensorType> inputs;
  private final List<TensorType> outputs;
  private final Map<String, TensorInfo> inputInfo = new LinkedHashMap<>();

  private OnnxSession(String name, OrtEnvironment environment, OrtSession session)
      throws OrtException {
    this.name = name;
    this.environment = environment;
    this.session = session;
    for (NodeInfo node : session.getInputInfo().values()) {
      if (node.getInfo() instanceof TensorInfo info) {
        inputInfo.put(node.getName(), info);
      }
    }
    this.inputs = types(session.getInputInfo());
    this.outputs = types(session.getOutputInfo());
  }

  /**
   * Opens a model; external data is looked for beside it.
   *
   * @param threads threads that one run may use, at least 1
   * @throws PleatException when ONNX Runtime does not load it
   */
  public static OnnxSession open(Path file, int threads) {
    return open(
        file.toString(),
        threads,
        (environment, options) -> environment.createSession(file.toString(), options));
  }

  /**
   * Opens a model that is in memory.
   *
   * @param name what messages call it
   * @param model its serialized message, without external data
   * @throws PleatException when ONNX Runtime does not load it
   */
  public static OnnxSession open(String name, byte[] model, int threads) {
    return open(
        name, threads, (environment, options) -> environment.createSession(model, options));
  }

  /** How a session is made. */
  private interface Opening {
    OrtSession open(OrtEnvironment environment, OrtSession.SessionOptions options)
        throws OrtException;
  }

  private static OnnxSession open(String name, int threads, Opening opening) {
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      // Two sessions that are measured in turn must not burn each other's processors between runs.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      return new OnnxSession(name, environment, opening.open(environment, options));
    } catch (OrtException e) {
      throw new PleatException(
          "%s: ONNX Runtime cannot load it: %s".formatted(name, oneLine(e)), e);
    }
  }

  private static String oneLine(OrtException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given").strip();
  }

  private static List<TensorType> types(Map<String, NodeInfo> nodes) {
    List<TensorType> types = new ArrayList<>();
    for (NodeInfo node : nodes.values()) {
      if (node.getInfo() instanceof TensorInfo info) {
        types.add(
            new TensorType(
                node.getName(),
                kind(info),
                info.getShape(),
                List.of(info.getDimensionNames()),
                info.onnxType.value));
      } else {
        types.add(new TensorType(node.getName(), TensorType.Kind.OTHER, new long[0], List.of(), 0));
      }
    }
    return List.copyOf(types);
  }

  private static TensorType.Kind kind(TensorInfo info) {
    return switch (info.type) {
      case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> TensorType.Kind.FLOAT;
      case INT8, INT16, INT32, INT64, UINT8 -> TensorType.Kind.INTEGER;
      case BOOL -> TensorType.Kind.BOOLEAN;
      default -> TensorType.Kind.OTHER;
    };
  }

  /** The model's inputs, in its order. */
  public List<TensorType> inputs() {
    return inputs;
  }

  /** The model's outputs, in its order. */
  public List<TensorType> outputs() {
    return outputs;
  }

  /**
   * Runs the model once.
   *
   * @return every output that is a tensor of numbers, in the model's order
   * @throws PleatException when ONNX Runtime refuses the inputs or fails
   */
  public Map<String, TensorValue> run(Map<String, TensorValue> values) {
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, TensorValue> entry : values.entrySet()) {
        TensorInfo info = inputInfo.get(entry.getKey());
        if (info == null) {
          throw new PleatException(
              "%s: the model has no input '%s'; it has %s"
                  .formatted(name, entry.getKey(), inputInfo.keySet()));
        }
        feeds.put(entry.getKey(), Buffers.tensor(environment, info.type, entry.getValue()));
      }
      try (OrtSession.Result result = session.run(feeds)) {
        Map<String, TensorValue> outputsByName = new LinkedHashMap<>();
        for (Map.Entry<String, OnnxValue> entry : result) {
          if (entry.getValue() instanceof OnnxTensor tensor) {
            Buffers.value(tensor).ifPresent(value -> outputsByName.put(entry.getKey(), value));
          }
        }
        return outputsByName;
      }
    } catch (OrtException e) {
      throw new PleatException("%s: ONNX Runtime cannot run it: %s".formatted(name, oneLine(e)), e);
    } finally {
      feeds.values().forEach(OnnxTensor::close);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new PleatException("%s: cannot be closed: %s".formatted(name, oneLine(e)), e);
    }
  }
}
