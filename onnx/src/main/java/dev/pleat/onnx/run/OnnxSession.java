package dev.pleat.onnx.run;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
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
  private final String label;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<OnnxTensorLike> initializers;
  private final List<TensorType> inputs;
  private final List<TensorType> outputs;
  private final Map<String, TensorInfo> inputInfo = new LinkedHashMap<>();

  private OnnxSession(
      String label,
      OrtEnvironment environment,
      OrtSession session,
      List<OnnxTensorLike> initializers)
      throws OrtException {
    this.label = label;
    this.environment = environment;
    this.session = session;
    this.initializers = initializers;
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
    OrtEnvironment environment = environment();
    try (OrtSession.SessionOptions options = options(threads)) {
      return new OnnxSession(
          file.toString(),
          environment,
          environment.createSession(file.toString(), options),
          List.of());
    } catch (OrtException e) {
      throw cannotLoad(file.toString(), e);
    }
  }

  /**
   * Opens a model in memory whose weights are elsewhere in memory.
   *
   * @param label what messages call it
   * @param model the serialised model; it declares each initializer as external data
   * @param weights all of them; see {@link Initializer} for how long they must live
   * @param threads threads that one run may use, at least 1
   * @throws PleatException when ONNX Runtime does not load it
   */
  public static OnnxSession open(
      String label, byte[] model, List<Initializer> weights, int threads) {
    OrtEnvironment environment = environment();
    Map<String, OnnxTensorLike> tensors = new LinkedHashMap<>();
    try (OrtSession.SessionOptions options = options(threads)) {
      for (Initializer weight : weights) {
        tensors.put(weight.name(), weight.tensor(environment));
      }
      options.addExternalInitializers(tensors);
      return new OnnxSession(
          label,
          environment,
          environment.createSession(model, options),
          List.copyOf(tensors.values()));
    } catch (OrtException e) {
      tensors.values().forEach(OnnxTensorLike::close);
      throw cannotLoad(label, e);
    }
  }

  private static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
  }

  private static OrtSession.SessionOptions options(int threads) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(threads);
    options.setInterOpNumThreads(1);
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    // Two sessions that are measured in turn must not burn each other's processors between runs.
    options.addConfigEntry("session.intra_op.allow_spinning", "0");
    return options;
  }

  private static PleatException cannotLoad(String label, OrtException e) {
    return new PleatException(
        "%s: ONNX Runtime cannot load it: %s".formatted(label, oneLine(e)), e);
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
                node.getName(), kind(info), info.getShape(), List.of(info.getDimensionNames())));
      } else {
        types.add(new TensorType(node.getName(), TensorType.Kind.OTHER, new long[0], List.of()));
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
    try (Step step = run(values, Map.of(), Map.of())) {
      return step.outputs();
    }
  }

  /**
   * One run of a model that feeds itself.
   *
   * @param values what is new
   * @param held what the last run held
   * @param heldAs outputs to hold, and the input that each is for in the next run
   * @throws PleatException when ONNX Runtime refuses the inputs or fails
   */
  public Step step(Map<String, TensorValue> values, HeldValues held, Map<String, String> heldAs) {
    return run(values, held.byInput(), heldAs);
  }

  /**
   * The first run of a model that feeds itself.
   *
   * @param values all inputs
   * @param heldAs outputs to hold, and the input that each is for in the next run
   * @throws PleatException when ONNX Runtime refuses the inputs or fails
   */
  public Step step(Map<String, TensorValue> values, Map<String, String> heldAs) {
    return run(values, Map.of(), heldAs);
  }

  /**
   * What a run gave.
   *
   * @param outputs the outputs that are not held
   * @param held those that are
   */
  public record Step(Map<String, TensorValue> outputs, HeldValues held) implements AutoCloseable {
    @Override
    public void close() {
      held.close();
    }
  }

  private Step run(
      Map<String, TensorValue> values, Map<String, OnnxTensor> held, Map<String, String> heldAs) {
    Map<String, OnnxTensor> own = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, TensorValue> entry : values.entrySet()) {
        TensorInfo info = inputInfo.get(entry.getKey());
        if (info == null) {
          throw new PleatException(
              "%s: the model has no input '%s'; it has %s"
                  .formatted(label, entry.getKey(), inputInfo.keySet()));
        }
        own.put(entry.getKey(), Buffers.tensor(environment, info.type, entry.getValue()));
      }
      Map<String, OnnxTensor> feeds = new LinkedHashMap<>(held);
      feeds.putAll(own);
      return step(session.run(feeds), heldAs);
    } catch (OrtException e) {
      throw new PleatException(
          "%s: ONNX Runtime cannot run it: %s".formatted(label, oneLine(e)), e);
    } finally {
      own.values().forEach(OnnxTensor::close);
    }
  }

  private static Step step(OrtSession.Result result, Map<String, String> heldAs) {
    Map<String, TensorValue> outputs = new LinkedHashMap<>();
    Map<String, OnnxTensor> held = new LinkedHashMap<>();
    for (Map.Entry<String, OnnxValue> entry : result) {
      if (entry.getValue() instanceof OnnxTensor tensor) {
        String input = heldAs.get(entry.getKey());
        if (input == null) {
          Buffers.value(tensor).ifPresent(value -> outputs.put(entry.getKey(), value));
        } else {
          held.put(input, tensor);
        }
      }
    }
    return new Step(outputs, new HeldValues(result, held));
  }

  @Override
  public void close() {
    try {
      session.close();
      initializers.forEach(OnnxTensorLike::close);
    } catch (OrtException e) {
      throw new PleatException("%s: cannot be closed: %s".formatted(label, oneLine(e)), e);
    }
  }
}
