package dev.pleat.onnx.choose;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.HeldOutputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a network's layers take inputs, which tells the range of those that it was trained on.
 *
 * <p>How undecided the signs of its channels are: the entropy of each channel's sign over places
 * and inputs, as a mean over channels and layers. Inputs that are too small or far from those that
 * a network was trained on leave its biases to decide, and nearly every channel always has the same
 * sign; inputs that are too large drown the biases, and deep channels get stuck. In between, where
 * the entropy is largest, lies the range of the training data.
 *
 * <p>How plausible the values of its first layer are, where that range shows before anything behind
 * it has evened it out: see {@link FirstLayer#plausibility}.
 */
final class Liveliness implements AutoCloseable {
  /** More layers than this tell nothing new. */
  private static final int MOST_LAYERS = 64;

  private final OnnxSession session;
  private final List<Layer> layers;

  /**
   * A value that is watched.
   *
   * @param value its name
   * @param last whether its channels are on the last axis
   */
  private record Layer(String value, boolean last) {}

  private Liveliness(OnnxSession session, List<Layer> layers) {
    this.session = session;
    this.layers = layers;
  }

  /**
   * Opens a network with what its layers give as outputs.
   *
   * @throws dev.pleat.core.PleatException when the runtime does not load that
   */
  static Liveliness open(OnnxModel model, int threads) {
    List<Layer> layers = layers(model);
    ModelProto.Builder proto = model.proto().toBuilder();
    Set<String> outputs = new LinkedHashSet<>();
    proto.getGraph().getOutputList().forEach(output -> outputs.add(output.getName()));
    for (Layer layer : layers) {
      if (outputs.add(layer.value())) {
        proto.getGraphBuilder().addOutput(ValueInfoProto.newBuilder().setName(layer.value()));
      }
    }
    return new Liveliness(OnnxSession.open(proto.build(), model.file(), threads), layers);
  }

  /** What layers with weights give, past the bias or the normalisation behind them. */
  private static List<Layer> layers(OnnxModel model) {
    Map<String, List<NodeProto>> readers = new HashMap<>();
    model
        .nodes()
        .forEach(node ->
            node.getInputList()
                .forEach(
                    name -> readers.computeIfAbsent(name, unused -> new ArrayList<>()).add(node)));
    List<Layer> layers = new ArrayList<>();
    for (NodeProto node : model.nodes()) {
      boolean weighted =
          node.getInputCount() > 1 && model.constants().containsKey(node.getInput(1));
      boolean last = node.getOpType().equals("MatMul");
      if (!weighted
          || !(last || Set.of("Conv", "ConvTranspose", "Gemm").contains(node.getOpType()))) {
        continue;
      }
      String value = node.getOutput(0);
      List<NodeProto> next = readers.getOrDefault(value, List.of());
      if (next.size() == 1
          && (next.getFirst().getOpType().equals("BatchNormalization")
              || isBias(model, next.getFirst()))) {
        value = next.getFirst().getOutput(0);
      }
      layers.add(new Layer(value, last));
    }
    int step = Math.ceilDiv(Math.max(layers.size(), 1), MOST_LAYERS);
    List<Layer> some = new ArrayList<>();
    for (int i = 0; i < layers.size(); i += step) {
      some.add(layers.get(i));
    }
    return some;
  }

  private static boolean isBias(OnnxModel model, NodeProto node) {
    return node.getOpType().equals("Add")
        && node.getInputList().stream().anyMatch(model.constants()::containsKey);
  }

  /**
   * What inputs are to the network.
   *
   * @param bits the mean entropy of signs; NaN where a layer gives something that is no number, or
   *     there is no layer
   * @param plausibility of what the first layer gives
   */
  record Reaction(double bits, double plausibility) {
    private static final Reaction NONE = new Reaction(Double.NaN, Double.NaN);
  }

  /**
   * Runs the network.
   *
   * @param step inputs in one run
   */
  Reaction to(CalibrationInputs inputs, int step) {
    Map<String, long[]> positive = new HashMap<>();
    Map<String, Long> samples = new HashMap<>();
    FirstLayer first = new FirstLayer();
    for (int from = 0; from + step <= inputs.count(); from += step) {
      try (HeldOutputs outputs = session.hold(inputs.batch(from, from + step), List.of())) {
        for (Layer layer : layers) {
          if (outputs.value(layer.value()).orElse(null) instanceof TensorValue.Floats floats
              && floats.shape().length > 1) {
            if (!count(layer, floats, positive, samples)) {
              return Reaction.NONE;
            }
            if (layer.equals(layers.getFirst())) {
              first.add(floats.values(), axis(layer, floats), floats.shape());
            }
          }
        }
      }
    }
    double bits =
        positive.entrySet().stream()
            .mapToDouble(e -> entropy(e.getValue(), samples.getOrDefault(e.getKey(), 1L)))
            .average()
            .orElse(Double.NaN);
    return new Reaction(bits, first.plausibility());
  }

  private static int axis(Layer layer, TensorValue.Floats floats) {
    return layer.last() ? floats.shape().length - 1 : 1;
  }

  /** Whether all values were numbers. */
  private static boolean count(
      Layer layer,
      TensorValue.Floats floats,
      Map<String, long[]> positive,
      Map<String, Long> samples) {
    long[] shape = floats.shape();
    int axis = axis(layer, floats);
    int channels = (int) shape[axis];
    int inner = FirstLayer.inner(axis, shape);
    long[] counts = positive.computeIfAbsent(layer.value(), name -> new long[channels]);
    float[] values = floats.values();
    if (counts.length != channels || values.length == 0) {
      return true;
    }
    for (int i = 0; i < values.length; i++) {
      if (Float.isNaN(values[i])) {
        return false;
      }
      if (values[i] > 0) {
        counts[i / inner % channels]++;
      }
    }
    samples.merge(layer.value(), (long) values.length / channels, Long::sum);
    return true;
  }

  private static double entropy(long[] positive, long samples) {
    double sum = 0;
    for (long count : positive) {
      double p = (double) count / samples;
      sum -= p <= 0 || p >= 1 ? 0 : p * Math.log(p) + (1 - p) * Math.log(1 - p);
    }
    return sum / positive.length / Math.log(2);
  }

  @Override
  public void close() {
    session.close();
  }
}
