package dev.pleat.onnx.run;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import dev.pleat.core.PleatException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model opened in ONNX Runtime on the CPU. Not for use by several threads at once. */
public final class OnnxSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OnnxSession.class);

  private final String name;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<OnnxTensorLike> weights;
  private final List<TensorType> inputs;
  private final List<TensorType> outputs;
  private final Map<String, TensorInfo> inputInfo = new LinkedHashMap<>();

  private OnnxSession(
      String name,
      OrtEnvironment environment,
      OrtSession session,
      Collection<OnnxTensorLike> weights)
      throws OrtException {
    this.name = name;
    this.environment = environment;
    this.session = session;
    this.weights = List.copyOf(weights);
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
    Optional<ModelProto> safe = FatalModels.mended(file);
    if (safe.isPresent()) {
      return open(safe.get(), file, threads);
    }
    return open(
        file.toString(),
        threads,
        OptLevel.ALL_OPT,
        List.of(),
        (environment, options) -> environment.createSession(file.toString(), options));
  }

  /**
   * Opens a model that was derived from another. Where the runtime's optimisations fail on it,
   * which they do on some parts of networks that are sound as a whole, it runs as it stands.
   *
   * @param origin the model file it was derived from: external data is looked for beside it, and
   *     messages name it
   * @param threads threads that one run may use, at least 1
   * @throws PleatException when ONNX Runtime does not load it
   */
  public static OnnxSession open(ModelProto model, Path origin, int threads) {
    try {
      return open(model, origin, threads, OptLevel.ALL_OPT);
    } catch (PleatException e) {
      LOG.debug("{}: not optimised, since that fails", origin, e);
      return plain(model, origin, threads);
    }
  }

  /**
   * Opens a model that was derived from another and runs it as it stands, without optimising it:
   * right where it runs a few times only.
   *
   * @param origin as above
   * @param threads threads that one run may use, at least 1
   * @throws PleatException when ONNX Runtime does not load it
   */
  public static OnnxSession plain(ModelProto model, Path origin, int threads) {
    return open(model, origin, threads, OptLevel.NO_OPT);
  }

  /**
   * Opens a model whose weights are elsewhere in memory.
   *
   * @param name what messages call it
   * @param model declares each weight as external data
   * @param weights all of them; see {@link Initializer} for how long they must live
   * @param threads threads that one run may use, at least 1
   * @throws PleatException when ONNX Runtime does not load it
   */
  public static OnnxSession open(
      String name, ModelProto model, List<Initializer> weights, int threads) {
    return open(
        name,
        threads,
        OptLevel.ALL_OPT,
        weights,
        (environment, options) -> environment.createSession(model.toByteArray(), options));
  }

  /**
   * What the runtime infers of a model's outputs without running it, in their order.
   *
   * @param origin the model file it was derived from
   * @throws PleatException when ONNX Runtime does not load it
   */
  public static List<TensorType> infer(ModelProto model, Path origin) {
    try (OnnxSession session = open(model, origin, 1, OptLevel.NO_OPT)) {
      return session.outputs();
    }
  }

  private static OnnxSession open(ModelProto model, Path origin, int threads, OptLevel level) {
    ModelProto safe = FatalModels.mended(model).orElse(model);
    return open(
        origin.toString(),
        threads,
        level,
        List.of(),
        (environment, options) -> {
          options.addConfigEntry(
              "session.model_external_initializers_file_folder_path",
              String.valueOf(origin.toAbsolutePath().getParent()));
          return environment.createSession(safe.toByteArray(), options);
        });
  }

  /** Makes a session of a model. */
  @FunctionalInterface
  private interface Loader {
    OrtSession load(OrtEnvironment environment, OrtSession.SessionOptions options)
        throws OrtException;
  }

  private static OnnxSession open(
      String name, int threads, OptLevel level, List<Initializer> weights, Loader loader) {
    OrtEnvironment environment = LoadedRuntime.environment();
    Map<String, OnnxTensorLike> tensors = new LinkedHashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(level);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      if (level == OptLevel.NO_OPT) {
        // What runs a few times only gives its memory back at once instead of keeping it for more.
        options.setCPUArenaAllocator(false);
        options.setMemoryPatternOptimization(false);
      }
      // Two sessions that run in turn must not burn each other's processors between runs.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      for (Initializer weight : weights) {
        tensors.put(weight.name(), weight.tensor(environment));
      }
      if (!tensors.isEmpty()) {
        options.addExternalInitializers(tensors);
      }
      return new OnnxSession(
          name, environment, loader.load(environment, options), tensors.values());
    } catch (OrtException e) {
      tensors.values().forEach(OnnxTensorLike::close);
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
                element(info),
                info.getShape(),
                List.of(info.getDimensionNames())));
      } else {
        types.add(new TensorType(node.getName(), TensorType.Kind.OTHER, 0, new long[0], List.of()));
      }
    }
    return List.copyOf(types);
  }

  /** Both formats give the types the same names, but not the same numbers. */
  private static int element(TensorInfo info) {
    String name = info.onnxType.name().substring("ONNX_TENSOR_ELEMENT_DATA_TYPE_".length());
    return Arrays.stream(TensorProto.DataType.values())
        .filter(type -> type.name().equals(name))
        .findFirst()
        .map(TensorProto.DataType::getNumber)
        .orElse(0);
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
    try (HeldOutputs outputs = hold(values, List.of())) {
      return outputs.values();
    }
  }

  /**
   * Runs the model once and leaves the outputs where the runtime made them.
   *
   * @param values inputs by name
   * @param held outputs of other runs, which give the inputs of the same names that {@code values}
   *     does not
   * @return the outputs, to be closed by the caller
   * @throws PleatException when ONNX Runtime refuses the inputs or fails
   */
  public HeldOutputs hold(Map<String, TensorValue> values, List<HeldOutputs> held) {
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    for (HeldOutputs outputs : held) {
      outputs
          .tensors()
          .forEach((output, tensor) -> {
            if (inputInfo.containsKey(output) && !values.containsKey(output)) {
              feeds.put(output, tensor);
            }
          });
    }
    try (Arena memory = Arena.ofConfined()) {
      return run(values, feeds, memory);
    }
  }

  /**
   * Runs the model.
   *
   * @param feeds inputs that the runtime holds already
   * @param memory holds the others as long as it lives
   */
  private HeldOutputs run(
      Map<String, TensorValue> values, Map<String, OnnxTensor> feeds, Arena memory) {
    List<OnnxTensor> own = new ArrayList<>();
    try {
      for (Map.Entry<String, TensorValue> entry : values.entrySet()) {
        TensorInfo info = inputInfo.get(entry.getKey());
        if (info == null) {
          throw new PleatException(
              "%s: the model has no input '%s'; it has %s"
                  .formatted(name, entry.getKey(), inputInfo.keySet()));
        }
        own.add(Buffers.tensor(environment, memory, info.type, entry.getValue()));
        feeds.put(entry.getKey(), own.getLast());
      }
      return new HeldOutputs(session.run(feeds));
    } catch (OrtException e) {
      throw new PleatException("%s: ONNX Runtime cannot run it: %s".formatted(name, oneLine(e)), e);
    } finally {
      own.forEach(OnnxTensor::close);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
      weights.forEach(OnnxTensorLike::close);
    } catch (OrtException e) {
      throw new PleatException("%s: cannot be closed: %s".formatted(name, oneLine(e)), e);
    }
  }
}
