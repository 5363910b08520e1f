package dev.pleat.onnx.run;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;

/**
 * What a model declares of an input or output.
 *
 * @param name its name
 * @param kind what its elements are
 * @param element the elements' ONNX {@code data_type}, 0 where it is no tensor
 * @param shape dimensions, −1 where the model leaves one open
 * @param symbols the name of each open dimension, empty where it has none
 */
public record TensorType(String name, Kind kind, int element, long[] shape, List<String> symbols) {

  /** What elements are, widths apart. */
  public enum Kind {
    /** Floating point. */
    FLOAT,
    /** Integer. */
    INTEGER,
    /** True or false. */
    BOOLEAN,
    /** Text, or no tensor at all. */
    OTHER
  }

  /** What a file declares of an input; nothing of its elements. */
  public static TensorType of(ValueInfoProto info) {
    List<TensorShapeProto.Dimension> dims = info.getType().getTensorType().getShape().getDimList();
    return new TensorType(
        info.getName(),
        Kind.OTHER,
        info.getType().getTensorType().getElemType(),
        dims.stream().mapToLong(dim -> dim.hasDimValue() ? dim.getDimValue() : -1).toArray(),
        dims.stream().map(TensorShapeProto.Dimension::getDimParam).toList());
  }

  /** Whether the elements are floating point. */
  public boolean isFloat() {
    return kind == Kind.FLOAT;
  }

  /** Whether it looks like numbers of tokens, their positions or a mask of them. */
  public boolean isOfTokens() {
    return (element == TensorProto.DataType.INT64_VALUE
            || element == TensorProto.DataType.INT32_VALUE)
        && shape.length <= 2;
  }

  /** How a model declares an input of this type. */
  public ValueInfoProto declaration() {
    TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(element);
    // No dimensions may also mean that their number is not known.
    for (int i = 0; i < shape.length; i++) {
      TensorShapeProto.Dimension.Builder dim = tensor.getShapeBuilder().addDimBuilder();
      if (shape[i] >= 0) {
        dim.setDimValue(shape[i]);
      } else if (!symbols.get(i).isBlank()) {
        dim.setDimParam(symbols.get(i));
      }
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
