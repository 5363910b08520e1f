package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/** Two models with the same nodes in the same order, whatever their values are called. */
final class SameGraph {
  /** Attributes of a Constant node that hold its value, which may differ. */
  private static final Set<String> VALUES = Set.of("value", "value_float", "value_floats");

  /** An attribute of batch normalisations that says how they were trained, and now nothing. */
  private static final String TRAINED = "momentum";

  /** Attributes that some exporters write out and others leave away. */
  private static final Map<String, Number> DEFAULTS =
      Map.ofEntries(
          Map.entry("AveragePool.ceil_mode", 0L),
          Map.entry("AveragePool.count_include_pad", 0L),
          Map.entry("BatchNormalization.epsilon", 1e-5f),
          Map.entry("BatchNormalization.training_mode", 0L),
          Map.entry("Conv.group", 1L),
          Map.entry("Flatten.axis", 1L),
          Map.entry("Gemm.alpha", 1f),
          Map.entry("Gemm.beta", 1f),
          Map.entry("Gemm.transA", 0L),
          Map.entry("Gemm.transB", 0L),
          Map.entry("MaxPool.ceil_mode", 0L),
          Map.entry("MaxPool.storage_order", 0L),
          Map.entry("Reshape.allowzero", 0L));

  private final OnnxModel a;
  private final OnnxModel b;
  private final IntPredicate ofOwnSize;
  private final Map<String, String> names = new HashMap<>();

  private SameGraph(OnnxModel a, OnnxModel b, IntPredicate ofOwnSize) {
    this.a = a;
    this.b = b;
    this.ofOwnSize = ofOwnSize;
    names.put("", "");
  }

  /**
   * What the values of the first model are called in the second.
   *
   * @param ofOwnSize nodes of the first, by index, whose floating-point constants may be of other
   *     sizes
   * @throws PleatException when the models differ in more than floating-point constants; it names
   *     the first node that does
   */
  static Map<String, String> names(OnnxModel a, OnnxModel b, IntPredicate ofOwnSize) {
    SameGraph same = new SameGraph(a, b, ofOwnSize);
    same.interfaces("input", a.graph().getInputList(), b.graph().getInputList());
    same.interfaces("output", a.graph().getOutputList(), b.graph().getOutputList());
    same.nodes();
    return same.names;
  }

  private void interfaces(String what, List<ValueInfoProto> mine, List<ValueInfoProto> others) {
    Set<String> found = new TreeSet<>();
    others.forEach(value -> found.add(value.getName()));
    found.removeAll(b.constants().keySet());
    for (ValueInfoProto value : mine) {
      String name = value.getName();
      if (a.constants().containsKey(name)) {
        continue;
      }
      if (!found.remove(name)) {
        throw different("in that %s has no %s '%s'".formatted(b.file(), what, name));
      }
      names.put(name, name);
    }
    if (!found.isEmpty()) {
      throw different(
          "in that %s has no %s '%s'".formatted(a.file(), what, found.iterator().next()));
    }
  }

  private void nodes() {
    int count = Math.min(a.nodes().size(), b.nodes().size());
    for (int n = 0; n < count; n++) {
      node(a.nodes().get(n), b.nodes().get(n), ofOwnSize.test(n));
    }
    if (a.nodes().size() != b.nodes().size()) {
      OnnxModel longer = a.nodes().size() > count ? a : b;
      throw different(
          "in that %s goes on with %s where the other ends"
              .formatted(longer.file(), Nodes.describe(longer.nodes().get(count))));
    }
  }

  private void node(NodeProto x, NodeProto y, boolean anySize) {
    String place = "at %s".formatted(Nodes.describe(x));
    if (!x.getOpType().equals(y.getOpType()) || !x.getDomain().equals(y.getDomain())) {
      throw different("%s, which is %s in %s".formatted(place, Nodes.describe(y), b.file()));
    }
    if (x.getInputCount() != y.getInputCount() || x.getOutputCount() != y.getOutputCount()) {
      throw different(
          "%s, with %d inputs and %d outputs against %d and %d"
              .formatted(
                  place,
                  x.getInputCount(),
                  x.getOutputCount(),
                  y.getInputCount(),
                  y.getOutputCount()));
    }
    for (int i = 0; i < x.getInputCount(); i++) {
      input(place, x.getInput(i), y.getInput(i), anySize);
    }
    Map<String, AttributeProto> mine = attributes(x);
    Map<String, AttributeProto> others = attributes(y);
    Set<String> all = new TreeSet<>(mine.keySet());
    all.addAll(others.keySet());
    for (String name : all) {
      if (!Objects.equals(mine.get(name), others.get(name))) {
        throw different("%s, in attribute '%s'".formatted(place, name));
      }
    }
    for (int o = 0; o < x.getOutputCount(); o++) {
      names.put(x.getOutput(o), y.getOutput(o));
      constants(place, x.getOutput(o), y.getOutput(o), anySize);
    }
  }

  private void input(String place, String x, String y, boolean anySize) {
    constants(place, x, y, anySize);
    String known = names.putIfAbsent(x, y);
    if (known != null && !known.equals(y)) {
      throw different("%s, which reads '%s' and '%s'".formatted(place, x, y));
    }
  }

  private void constants(String place, String x, String y, boolean anySize) {
    Constant mine = a.constants().get(x);
    Constant other = b.constants().get(y);
    if (mine == null && other == null) {
      return;
    }
    if (mine == null || other == null) {
      throw different("%s, where '%s' is a constant in only one of them".formatted(place, x));
    }
    boolean sizes = anySize && mine.isFloat() && mine.shape().length == other.shape().length;
    if (!sizes && !Arrays.equals(mine.shape(), other.shape())) {
      throw different(
          "%s, whose '%s' is %s in one and %s in the other; layers before the heads must be of one size, and heads of other classes want --heads joint or --heads separate"
              .formatted(place, x, Arrays.toString(mine.shape()), Arrays.toString(other.shape())));
    }
    boolean same = mine.proto().getDataType() == other.proto().getDataType();
    if (!same || !mine.isFloat() && !isSame(mine, other)) {
      throw different("%s, whose constant '%s' differs".formatted(place, x));
    }
  }

  private boolean isSame(Constant x, Constant y) {
    return a.integers(x.name()).isPresent()
        ? Arrays.equals(
            a.integers(x.name()).orElseThrow(), b.integers(y.name()).orElse(new long[0]))
        : unnamed(x.proto()).equals(unnamed(y.proto()));
  }

  private static TensorProto unnamed(TensorProto tensor) {
    return tensor.toBuilder().clearName().clearDocString().build();
  }

  private static Map<String, AttributeProto> attributes(NodeProto node) {
    Map<String, AttributeProto> attributes = new TreeMap<>();
    for (AttributeProto attribute : node.getAttributeList()) {
      boolean free =
          switch (node.getOpType()) {
            case "Constant" -> VALUES.contains(attribute.getName());
            case "BatchNormalization" -> attribute.getName().equals(TRAINED);
            default -> false;
          };
      if (!free && !isDefault(node, attribute)) {
        attributes.put(attribute.getName(), attribute.toBuilder().clearDocString().build());
      }
    }
    return attributes;
  }

  private static boolean isDefault(NodeProto node, AttributeProto attribute) {
    Number expected = DEFAULTS.get(node.getOpType() + "." + attribute.getName());
    return switch (attribute.getType()) {
      case INT -> Long.valueOf(attribute.getI()).equals(expected);
      case FLOAT -> Float.valueOf(attribute.getF()).equals(expected);
      default -> false;
    };
  }

  private PleatException different(String where) {
    return new PleatException(
        "%s and %s are not of one architecture: they differ %s"
            .formatted(a.file(), b.file(), where));
  }
}
