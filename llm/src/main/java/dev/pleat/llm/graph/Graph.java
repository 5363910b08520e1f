package dev.pleat.llm.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.pleat.core.PleatException;
import dev.pleat.core.tensor.FloatEncoding;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.model.FloatFormat;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.run.Initializer;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An ONNX graph while it is made. Values are called by their names; nodes follow what they read.
 */
final class Graph {
  static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;
  static final int INT64 = TensorProto.DataType.INT64_VALUE;

  private final Weights source;
  private final Arena scope;
  private final GraphProto.Builder proto = GraphProto.newBuilder().setName("model");
  private final Map<String, Initializer> weights = new LinkedHashMap<>();
  private final Map<String, String> shared = new HashMap<>();
  private final Map<String, Integer> names = new HashMap<>();

  Graph(Weights source, Arena scope) {
    this.source = source;
    this.scope = scope;
  }

  /** Adds a node with one output. An empty input name leaves an optional input out. */
  String node(String operator, List<String> inputs, AttributeProto... attributes) {
    return nodes(operator, inputs, 1, attributes).getFirst();
  }

  /** Adds a node with several outputs. */
  List<String> nodes(
      String operator, List<String> inputs, int outputs, AttributeProto... attributes) {
    String name = unique(operator);
    List<String> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add(outputs == 1 ? name : name + "." + i);
    }
    proto.addNode(
        NodeProto.newBuilder()
            .setName(name)
            .setOpType(operator)
            .addAllInput(inputs)
            .addAllOutput(results)
            .addAllAttribute(Arrays.asList(attributes)));
    return results;
  }

  private String unique(String stem) {
    return stem + "." + names.merge(stem, 1, Integer::sum);
  }

  /** A value that several parts need: made by the first that asks for this key. */
  String shared(String key, java.util.function.Supplier<String> make) {
    String made = shared.get(key);
    if (made == null) {
      made = make.get();
      shared.put(key, made);
    }
    return made;
  }

  /** A constant scalar. */
  String scalar(double value) {
    return floats(new long[0], value);
  }

  /** Constant floats of a shape. */
  String floats(long[] shape, double... values) {
    return shared(
        "float" + Arrays.toString(shape) + Arrays.toString(values),
        () -> {
          ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
          for (double value : values) {
            bytes.putFloat((float) value);
          }
          TensorProto.Builder tensor =
              TensorProto.newBuilder()
                  .setName(unique("constant"))
                  .setDataType(FLOAT)
                  .setRawData(ByteString.copyFrom(bytes.flip()));
          for (long dimension : shape) {
            tensor.addDims(dimension);
          }
          proto.addInitializer(tensor);
          return tensor.getName();
        });
  }

  /** A constant vector of integers. */
  String integers(long... values) {
    return shared(
        "integer" + Arrays.toString(values),
        () -> {
          TensorProto tensor = TensorEncoder.vector(unique("constant"), values);
          proto.addInitializer(tensor);
          return tensor.getName();
        });
  }

  /** A constant integer without dimensions. */
  String integer(long value) {
    return shared(
        "integer" + value,
        () -> {
          TensorProto tensor =
              TensorEncoder.vector(unique("constant"), new long[] {value}).toBuilder()
                  .clearDims()
                  .build();
          proto.addInitializer(tensor);
          return tensor.getName();
        });
  }

  /** A weight as floats, whatever its type in the checkpoint. */
  String weight(String name) {
    stored(name);
    return shared("cast " + name, () -> asFloat(name, name));
  }

  /** Selected rows of a weight, as floats: only these are converted. */
  String rows(String name, String indices) {
    stored(name);
    return asFloat(name, node("Gather", List.of(name, indices)));
  }

  private String asFloat(String weight, String value) {
    return stored(weight).encoding() == FloatEncoding.F32
        ? value
        : node("Cast", List.of(value), Attributes.integer("to", FLOAT));
  }

  /** A weight as it is stored; declared in the graph when first asked for. */
  Initializer stored(String name) {
    return weights.computeIfAbsent(
        name,
        n -> {
          Initializer weight = source.weight(n, scope);
          TensorProto.Builder tensor =
              TensorProto.newBuilder()
                  .setName(n)
                  .setDataType(format(weight.encoding()).code())
                  .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                  .addExternalData(
                      StringStringEntryProto.newBuilder().setKey("location").setValue("memory"));
          for (long dimension : weight.shape()) {
            tensor.addDims(dimension);
          }
          proto.addInitializer(tensor);
          return weight;
        });
  }

  private static FloatFormat format(FloatEncoding encoding) {
    return switch (encoding) {
      case F32 -> FloatFormat.FLOAT;
      case F64 -> FloatFormat.DOUBLE;
      case F16 -> FloatFormat.FLOAT16;
      case BF16 -> FloatFormat.BFLOAT16;
    };
  }

  /**
   * The size of one axis of a weight.
   *
   * @throws PleatException when the weight has not this many axes
   */
  int size(String name, int axis, int axes) {
    long[] shape = stored(name).shape();
    if (shape.length != axes) {
      throw new PleatException(
          "tensor '%s' has the shape %s, expected %d axes; config.json is another model's"
              .formatted(name, Arrays.toString(shape), axes));
    }
    return Math.toIntExact(shape[axis]);
  }

  /** Declares an input; a dimension is a number, or a text when it is open. */
  String input(String name, int type, Object... shape) {
    proto.addInput(value(name, type, shape));
    return name;
  }

  /** Gives a value a name and makes it an output. */
  void output(String name, String value, int type, Object... shape) {
    proto.addNode(
        NodeProto.newBuilder()
            .setName(unique("Output"))
            .setOpType("Identity")
            .addInput(value)
            .addOutput(name));
    proto.addOutput(value(name, type, shape));
  }

  private static ValueInfoProto value(String name, int type, Object... shape) {
    TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(type);
    for (Object dimension : shape) {
      var d = tensor.getShapeBuilder().addDimBuilder();
      if (dimension instanceof Integer size) {
        d.setDimValue(size);
      } else {
        d.setDimParam(dimension.toString());
      }
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** The graph so far. */
  GraphProto proto() {
    return proto.build();
  }

  /** The weights that it uses. */
  List<Initializer> weights() {
    return List.copyOf(weights.values());
  }
}
