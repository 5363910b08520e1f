package dev.pleat.onnx.prepare;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.model.FloatFormat;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Weights that a graph computes from constants whenever it runs: ConstantOfShape, weights times
 * their norm, standardised weights, normalisations in pieces. They become initializers.
 */
final class ComputedWeights {
  /** Operators whose further inputs are weights of any size. */
  private static final Set<String> LAYERS =
      Set.of(
          "Conv",
          "ConvTranspose",
          "Gemm",
          "MatMul",
          "FusedConv",
          "FusedGemm",
          "FusedMatMul",
          "LSTM",
          "GRU",
          "RNN");

  /** Quantised weights stay what they are. */
  private static final String DEQUANTIZE = "DequantizeLinear";

  /** What is not a layer's weight is worth it only when it is no table or mask. */
  private static final long MOST_ELSEWHERE = 1 << 16;

  private static final long MOST_BYTES = 1L << 30;

  private static final Logger LOG = LoggerFactory.getLogger(ComputedWeights.class);

  private final OnnxModel model;
  private final Set<String> layers = new HashSet<>();
  private final Set<String> elsewhere = new HashSet<>();
  private final Set<String> computed = new HashSet<>();
  private final Set<String> shown = new HashSet<>();
  private final Map<String, NodeProto> viewOf = new HashMap<>();

  private ComputedWeights(OnnxModel model) {
    this.model = model;
  }

  /** The model with such weights as initializers. */
  static OnnxModel made(OnnxModel model, int threads) {
    return new ComputedWeights(model).made(threads);
  }

  private OnnxModel made(int threads) {
    collect();
    Set<String> wanted = wanted();
    if (wanted.isEmpty()) {
      return model;
    }
    Map<String, TensorProto> made = new HashMap<>();
    try (OnnxSession session = OnnxSession.open(computation(wanted), model.file(), threads)) {
      Map<String, TensorValue> values = session.run(Map.of());
      for (TensorType type : session.outputs()) {
        if (values.get(type.name()) instanceof TensorValue.Floats floats
            && type.element() == FloatFormat.FLOAT.code()) {
          made.put(type.name(), tensor(type.name(), floats));
        }
      }
    } catch (PleatException e) {
      LOG.debug("constants stay computed", e);
      return model;
    }
    return made.isEmpty() ? model : replaced(made);
  }

  private static TensorProto tensor(String name, TensorValue.Floats value) {
    int[] shape = Arrays.stream(value.shape()).mapToInt(Math::toIntExact).toArray();
    return TensorEncoder.floats(name, new Tensor(shape, value.values()));
  }

  private boolean isFixed(String name) {
    return name.isEmpty()
        || model.constants().containsKey(name)
        || computed.contains(name)
        || shown.contains(name);
  }

  private void collect() {
    for (NodeProto node : model.nodes()) {
      boolean constant = node.getOpType().equals("Constant");
      boolean pure =
          Nodes.isStandard(node)
              && node.getInputCount() > 0
              && !node.getOpType().startsWith("Random")
              && !Set.of("Bernoulli", "Multinomial", "Dropout", DEQUANTIZE)
                  .contains(node.getOpType())
              && Nodes.captured(node).isEmpty();
      if (constant || !pure || !node.getInputList().stream().allMatch(this::isFixed)) {
        continue;
      }
      String source = node.getInput(0);
      boolean view = Nodes.isView(node) && !computed.contains(source);
      if (view) {
        shown.addAll(node.getOutputList());
      } else {
        computed.addAll(node.getOutputList());
      }
      if (Nodes.isView(node)) {
        node.getOutputList().forEach(output -> viewOf.put(output, node));
      }
    }
    computed.remove("");
  }

  /** Computed values that other nodes read as weights. */
  private Set<String> wanted() {
    for (NodeProto node : model.nodes()) {
      if (node.getOutputList().stream().allMatch(this::isFixed)) {
        continue;
      }
      for (int i = 0; i < node.getInputCount(); i++) {
        String name = source(node.getInput(i));
        if (computed.contains(name)) {
          (LAYERS.contains(node.getOpType()) ? layers : elsewhere).add(name);
        }
      }
    }
    Set<String> wanted = new TreeSet<>(layers);
    wanted.addAll(elsewhere);
    return wanted;
  }

  /** A view of a computed value stays one: it is its source that becomes a constant. */
  private String source(String name) {
    String source = name;
    NodeProto view = viewOf.get(source);
    while (view != null && computed.contains(source)) {
      source = view.getInput(0);
      view = viewOf.get(source);
    }
    return source;
  }

  /** The part of the graph that computes the wanted values. */
  private ModelProto computation(Set<String> wanted) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("constants");
    Set<String> needed = new HashSet<>(wanted);
    List<NodeProto> nodes = new ArrayList<>();
    for (int n = model.nodes().size() - 1; n >= 0; n--) {
      NodeProto node = model.nodes().get(n);
      if (node.getOutputList().stream().anyMatch(needed::contains)) {
        nodes.addFirst(node);
        needed.addAll(node.getInputList());
      }
    }
    graph.addAllNode(nodes);
    model.graph().getInitializerList().stream()
        .filter(tensor -> needed.contains(tensor.getName()))
        .forEach(graph::addInitializer);
    wanted.forEach(name -> graph.addOutput(ValueInfoProto.newBuilder().setName(name)));
    return model.proto().toBuilder().setGraph(graph).build();
  }

  private OnnxModel replaced(Map<String, TensorProto> made) {
    Map<String, TensorProto> kept = new HashMap<>();
    long bytes = 0;
    for (Map.Entry<String, TensorProto> entry : new TreeMap<>(made).entrySet()) {
      String name = entry.getKey();
      TensorProto tensor = entry.getValue();
      long elements = tensor.getRawData().size() / Float.BYTES;
      boolean small = layers.contains(name) || elements <= MOST_ELSEWHERE;
      if (small && tensor.getDimsCount() > 0 && bytes + tensor.getRawData().size() <= MOST_BYTES) {
        bytes += tensor.getRawData().size();
        kept.put(name, tensor);
      }
    }
    if (kept.isEmpty()) {
      return model;
    }
    return model.with(
        model.proto().toBuilder().setGraph(Pruning.with(model.graph(), kept)).build());
  }
}
