package dev.pleat.fuzz.mutate;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Changes one field anywhere in an ONNX model: numbers, names, sizes, operators, missing and
 * repeated parts. What comes out is a well-formed message, so that checks of its meaning are
 * reached.
 */
final class ModelMutation implements Mutation {
  private static final String[] OPERATORS = {
    "Conv",
    "ConvTranspose",
    "Gemm",
    "MatMul",
    "Add",
    "Mul",
    "Relu",
    "Softmax",
    "Concat",
    "Split",
    "Slice",
    "Reshape",
    "Transpose",
    "Flatten",
    "Gather",
    "BatchNormalization",
    "ReduceMean",
    "Squeeze",
    "Unsqueeze",
    "Resize",
    "Expand",
    "Tile",
    "Pad",
    "MaxPool",
    "GlobalAveragePool",
    "Shape",
    "Cast",
    "Identity",
    "Dropout",
    "LayerNormalization",
    "InstanceNormalization",
    "Clip",
    "If",
    "Loop",
    "LSTM",
    "QuantizeLinear",
    "TopK",
    "Where",
    "Einsum",
    "DepthToSpace"
  };

  @Override
  public byte[] apply(byte[] bytes, RandomGenerator random) {
    if (random.nextInt(8) == 0) {
      return new ByteMutation().apply(bytes, random);
    }
    try {
      Message.Builder model = ModelProto.parseFrom(bytes).toBuilder();
      change(model, random);
      return model.build().toByteArray();
    } catch (InvalidProtocolBufferException damaged) {
      return new ByteMutation().apply(bytes, random);
    }
  }

  /** Goes down to a message at random, rather far than near, and changes a field of it. */
  private static void change(Message.Builder message, RandomGenerator random) {
    List<FieldDescriptor> inner = new ArrayList<>();
    for (FieldDescriptor field : message.getAllFields().keySet()) {
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        inner.add(field);
      }
    }
    if (!inner.isEmpty() && random.nextInt(5) > 0) {
      FieldDescriptor field = inner.get(random.nextInt(inner.size()));
      if (!field.isRepeated()) {
        change(message.getFieldBuilder(field), random);
        return;
      }
      int at = random.nextInt(message.getRepeatedFieldCount(field));
      if (random.nextInt(12) == 0) {
        reorder(message, field, at, random);
      } else {
        change(message.getRepeatedFieldBuilder(field, at), random);
      }
      return;
    }
    List<FieldDescriptor> fields = new ArrayList<>(message.getAllFields().keySet());
    if (fields.isEmpty() || random.nextInt(10) == 0) {
      fields = message.getDescriptorForType().getFields();
    }
    set(message, fields.get(random.nextInt(fields.size())), random);
  }

  private static void reorder(
      Message.Builder message, FieldDescriptor field, int at, RandomGenerator random) {
    int count = message.getRepeatedFieldCount(field);
    int other = random.nextInt(count);
    Object one = message.getRepeatedField(field, at);
    switch (random.nextInt(3)) {
      case 0 -> message.addRepeatedField(field, one);
      case 1 -> {
        message.setRepeatedField(field, at, message.getRepeatedField(field, other));
        message.setRepeatedField(field, other, one);
      }
      default -> without(message, field, at);
    }
  }

  private static void without(Message.Builder message, FieldDescriptor field, int at) {
    List<Object> kept = new ArrayList<>();
    for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
      if (i != at) {
        kept.add(message.getRepeatedField(field, i));
      }
    }
    message.clearField(field);
    kept.forEach(value -> message.addRepeatedField(field, value));
  }

  private static void set(Message.Builder message, FieldDescriptor field, RandomGenerator random) {
    if (random.nextInt(8) == 0) {
      message.clearField(field);
      return;
    }
    if (!field.isRepeated()) {
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        message.getFieldBuilder(field);
      } else {
        message.setField(field, value(field, message.getField(field), random));
      }
      return;
    }
    int count = message.getRepeatedFieldCount(field);
    if (count > 0 && random.nextInt(4) > 0) {
      int at = random.nextInt(count);
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE || random.nextInt(5) == 0) {
        reorder(message, field, at, random);
      } else {
        Object old = message.getRepeatedField(field, at);
        message.setRepeatedField(field, at, value(field, old, random));
      }
    } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      message.addRepeatedField(field, message.newBuilderForField(field).build());
    } else {
      message.addRepeatedField(field, value(field, "", random));
    }
  }

  private static Object value(FieldDescriptor field, Object old, RandomGenerator random) {
    return switch (field.getJavaType()) {
      case INT -> (int) Mutation.number(random);
      case LONG -> Mutation.number(random);
      case FLOAT -> real(random);
      case DOUBLE -> (double) real(random);
      case BOOLEAN -> random.nextBoolean();
      case STRING ->
          field.getName().equals("op_type") && random.nextInt(4) > 0
              ? OPERATORS[random.nextInt(OPERATORS.length)]
              : Mutation.text(random);
      case BYTE_STRING ->
          old instanceof ByteString bytes && random.nextInt(4) > 0
              ? ByteString.copyFrom(new ByteMutation().apply(bytes.toByteArray(), random))
              : ByteString.copyFrom(Mutation.text(random), StandardCharsets.UTF_8);
      case ENUM -> {
        var values = field.getEnumType().getValues();
        yield values.get(random.nextInt(values.size()));
      }
      case MESSAGE -> throw new IllegalStateException("messages are changed, not set");
    };
  }

  private static float real(RandomGenerator random) {
    float[] known = {0, -0f, 1, -1, Float.NaN, Float.POSITIVE_INFINITY, Float.MIN_VALUE, 3e38f};
    return random.nextInt(3) > 0 ? known[random.nextInt(known.length)] : random.nextFloat();
  }
}
