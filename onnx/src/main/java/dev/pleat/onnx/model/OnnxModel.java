package dev.pleat.onnx.model;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.core.PleatException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A checked model: its message, its constants by name, and its nodes in topological order. */
public final class OnnxModel {
  private static final Set<Integer> TOKENS =
      Set.of(TensorProto.DataType.INT32_VALUE, TensorProto.DataType.INT64_VALUE);

  private final Path file;
  private final long fileBytes;
  private final ModelProto proto;
  private final Map<String, Constant> constants = new LinkedHashMap<>();
  private final List<NodeProto> nodes;
  private final ExternalData external;

  OnnxModel(Path file, long fileBytes, ModelProto proto) {
    this.file = file;
    this.fileBytes = fileBytes;
    this.proto = proto;
    this.external = new ExternalData(file);
    for (TensorProto tensor : graph().getInitializerList()) {
      add(tensor.getName(), tensor);
    }
    for (NodeProto node : graph().getNodeList()) {
      if (isConstant(node)) {
        constantTensor(node).ifPresent(tensor -> add(node.getOutput(0), tensor));
      }
    }
    AllTensors.external(proto).forEach(tensor -> external.bytes(tensor.getName(), tensor));
    this.nodes = NodeOrder.sort(file, graph());
  }

  private void add(String name, TensorProto tensor) {
    int[] shape = TensorData.shape(name, tensor);
    if (constants.put(name, new Constant(name, tensor, shape)) != null) {
      throw new PleatException(
          "%s: two constants are named '%s'; export the model again".formatted(file, name));
    }
    if (TensorData.isExternal(tensor)) {
      external.bytes(name, tensor);
    } else {
      TensorData.checkInline(name, tensor);
    }
  }

  static boolean isConstant(NodeProto node) {
    return node.getOpType().equals("Constant")
        && Nodes.isStandard(node)
        && node.getOutputCount() == 1;
  }

  /** The tensor that a Constant node gives, empty for strings and sparse tensors. */
  private static Optional<TensorProto> constantTensor(NodeProto node) {
    for (AttributeProto attribute : node.getAttributeList()) {
      TensorProto.Builder tensor = TensorProto.newBuilder();
      switch (attribute.getName()) {
        case "value" -> {
          return Optional.of(attribute.getT());
        }
        case "value_float" ->
            tensor.setDataType(TensorProto.DataType.FLOAT_VALUE).addFloatData(attribute.getF());
        case "value_floats" ->
            tensor
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addDims(attribute.getFloatsCount())
                .addAllFloatData(attribute.getFloatsList());
        case "value_int" ->
            tensor.setDataType(TensorProto.DataType.INT64_VALUE).addInt64Data(attribute.getI());
        case "value_ints" ->
            tensor
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .addDims(attribute.getIntsCount())
                .addAllInt64Data(attribute.getIntsList());
        default -> {
          continue;
        }
      }
      return Optional.of(tensor.build());
    }
    return Optional.empty();
  }

  /**
   * The same file with another message, which may refer to the same external data.
   *
   * @throws PleatException when the message contradicts itself
   */
  public OnnxModel with(ModelProto other) {
    return new OnnxModel(file, fileBytes, other);
  }

  /** The file that was read. */
  public Path file() {
    return file;
  }

  /** Bytes of the model file and of all external data that it uses. */
  public long bytes() {
    long sum = fileBytes;
    for (Constant constant : constants.values()) {
      if (TensorData.isExternal(constant.proto())) {
        sum += externalBytes(constant).byteSize();
      }
    }
    return sum;
  }

  /** The message as it was read. */
  public ModelProto proto() {
    return proto;
  }

  /** The main graph. */
  public GraphProto graph() {
    return proto.getGraph();
  }

  /** Whether every input holds integers: numbers of tokens and what is said of them. */
  public boolean readsTokensAlone() {
    return graph().getInputList().stream()
        .filter(input -> !constants.containsKey(input.getName()))
        .allMatch(input -> TOKENS.contains(input.getType().getTensorType().getElemType()));
  }

  /** All nodes, each after the nodes whose outputs it reads. */
  public List<NodeProto> nodes() {
    return nodes;
  }

  /** Initializers and Constant nodes by the name of their value. */
  public Map<String, Constant> constants() {
    return Collections.unmodifiableMap(constants);
  }

  /**
   * A constant that is known to exist.
   *
   * @throws PleatException when there is none of this name
   */
  public Constant constant(String name) {
    Constant constant = constants.get(name);
    if (constant == null) {
      throw new PleatException("%s: the model has no constant '%s'".formatted(file, name));
    }
    return constant;
  }

  /** Whether any tensor lies in another file. */
  public boolean usesExternalData() {
    return !AllTensors.external(proto).isEmpty();
  }

  /** The version of the standard operator set. */
  public long opset() {
    return proto.getOpsetImportList().stream()
        .filter(o -> o.getDomain().isEmpty() || o.getDomain().equals("ai.onnx"))
        .mapToLong(OperatorSetIdProto::getVersion)
        .findFirst()
        .orElse(1);
  }

  private MemorySegment externalBytes(Constant constant) {
    return externalBytes(constant.name(), constant.proto());
  }

  /** The bytes of a tensor whose data is external. */
  MemorySegment externalBytes(String name, TensorProto tensor) {
    return external.bytes(name, tensor);
  }

  /**
   * The values of a floating-point constant.
   *
   * @throws PleatException when it is not floating point or too large for one array
   */
  public float[] floats(Constant constant) {
    FloatFormat format =
        FloatFormat.of(constant.proto().getDataType())
            .orElseThrow(() ->
                new PleatException(
                    "initializer '%s' is not floating point".formatted(constant.name())));
    int count = dev.pleat.core.tensor.Tensor.arraySize(constant.name(), constant.shape());
    if (!TensorData.isExternal(constant.proto())) {
      return TensorData.inlineFloats(constant.proto(), format, count);
    }
    float[] values = new float[count];
    MemorySegment bytes = externalBytes(constant);
    int step = 1 << 24;
    for (int from = 0; from < count; from += step) {
      int piece = Math.min(step, count - from);
      ByteBuffer part =
          bytes.asSlice((long) from * format.bytes(), (long) piece * format.bytes()).asByteBuffer();
      System.arraycopy(format.decode(part, piece), 0, values, from, piece);
    }
    return values;
  }

  /** The values of an INT32 or INT64 constant of at most 65,536 elements, empty for any other. */
  public Optional<long[]> integers(String name) {
    Constant constant = constants.get(name);
    if (constant == null || constant.elements() > 65_536) {
      return Optional.empty();
    }
    int type = constant.proto().getDataType();
    if (type != TensorProto.DataType.INT64_VALUE && type != TensorProto.DataType.INT32_VALUE) {
      return Optional.empty();
    }
    ByteBuffer raw =
        TensorData.isExternal(constant.proto())
            ? externalBytes(constant).asByteBuffer()
            : constant.proto().getRawData().asReadOnlyByteBuffer();
    return Optional.of(TensorData.integers(constant.proto(), raw));
  }
}
