package dev.pleat.onnx.invert;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A batch normalisation that still holds the statistics of the data its network was trained on.
 *
 * @param name what messages call it
 * @param value the value that it normalises, [N, C, ...]
 * @param mean running mean of each channel
 * @param variance running variance of each channel, at least 0
 * @param epsilon what the network adds to the variance
 */
@SuppressWarnings("ArrayRecordComponent") // Read only, never compared.
record NormalizedLayer(String name, String value, float[] mean, float[] variance, double epsilon) {

  /**
   * The layers between an input and the outputs, in the order of the network; of several that
   * normalise one value by the same statistics, the first.
   *
   * @throws PleatException when a statistic is no number, or there is no such layer
   */
  static List<NormalizedLayer> of(OnnxModel model, String input) {
    Map<String, NodeProto> makers = new HashMap<>();
    model.nodes().forEach(node -> node.getOutputList().forEach(out -> makers.put(out, node)));
    Set<String> reached = new HashSet<>(Set.of(input));
    Map<List<String>, NormalizedLayer> layers = new LinkedHashMap<>();
    boolean trains = false;
    for (NodeProto node : model.nodes()) {
      if (Nodes.reads(node).stream().noneMatch(reached::contains)) {
        continue;
      }
      reached.addAll(node.getOutputList());
      if (!Nodes.isStandard(node) || !node.getOpType().equals("BatchNormalization")) {
        continue;
      }
      Optional<Constant> mean = constant(model, makers, node.getInput(3));
      Optional<Constant> variance = constant(model, makers, node.getInput(4));
      if (Nodes.integer(node, "training_mode", 0) != 0 || mean.isEmpty() || variance.isEmpty()) {
        trains = true;
        continue;
      }
      layers.putIfAbsent(
          List.of(node.getInput(0), mean.get().name(), variance.get().name()),
          new NormalizedLayer(
              Nodes.describe(node),
              node.getInput(0),
              finite(model, mean.get(), Float.NEGATIVE_INFINITY),
              finite(model, variance.get(), 0),
              Nodes.real(node, "epsilon", 1e-5f)));
    }
    if (layers.isEmpty()) {
      throw new PleatException(
          "%s: no batch normalisation %s, so inputs cannot be made from it; use --repair data --data PATH with a few hundred real inputs, or --repair approximate"
              .formatted(
                  model.file(),
                  trains
                      ? "with constant statistics (those it has are in training mode)"
                      : "is left in it (exporters fuse them into the convolutions)"));
    }
    return new ArrayList<>(layers.values());
  }

  private static Optional<Constant> constant(
      OnnxModel model, Map<String, NodeProto> makers, String value) {
    String name = value;
    for (NodeProto node = makers.get(name);
        node != null && Nodes.isStandard(node) && node.getOpType().equals("Identity");
        node = makers.get(name)) {
      name = node.getInput(0);
    }
    return Optional.ofNullable(model.constants().get(name));
  }

  private static float[] finite(OnnxModel model, Constant constant, float least) {
    float[] values = model.floats(constant);
    for (int c = 0; c < values.length; c++) {
      if (!Float.isFinite(values[c]) || values[c] < least) {
        throw new PleatException(
            "%s: the statistic '%s' is %s at channel %d; train or export the model again"
                .formatted(model.file(), constant.name(), values[c], c));
      }
    }
    return values;
  }

  /** What a squared difference at a channel is multiplied by to be free of scale: 1 / (σ² + ε). */
  double precision(int channel) {
    return 1 / (variance[channel] + epsilon);
  }

  /** Number of channels. */
  int channels() {
    return mean.length;
  }
}
