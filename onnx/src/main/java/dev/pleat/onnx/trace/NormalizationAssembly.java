package dev.pleat.onnx.trace;

import dev.pleat.core.group.Normalization;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Connects a batch normalisation with the weights that feed it. */
final class NormalizationAssembly {
  private static final Set<String> LAYERS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

  private final OnnxModel model;
  private final Tracer tracer;
  private final Map<String, Integer> makerOf = new HashMap<>();
  private final Map<String, Integer> readers = new HashMap<>();

  NormalizationAssembly(OnnxModel model, Tracer tracer) {
    this.model = model;
    this.tracer = tracer;
    for (int n = 0; n < model.nodes().size(); n++) {
      for (String output : model.nodes().get(n).getOutputList()) {
        makerOf.put(output, n);
      }
      Nodes.reads(model.nodes().get(n)).forEach(name -> readers.merge(name, 1, Integer::sum));
    }
    model.graph().getOutputList().forEach(o -> readers.merge(o.getName(), 1, Integer::sum));
  }

  /** The normalisation in the terms of one group, empty where its parameters are rearranged. */
  Optional<Normalization> of(BatchNorm norm, Members members) {
    Optional<Slot> scale = slot(norm.scale(), members);
    Optional<Slot> bias = slot(norm.bias(), members);
    Optional<Slot> mean = slot(norm.mean(), members);
    Optional<Slot> variance = slot(norm.variance(), members);
    if (scale.isEmpty() || bias.isEmpty() || mean.isEmpty() || variance.isEmpty()) {
      return Optional.empty();
    }
    List<Slot> weights = new ArrayList<>();
    List<Slot> biases = new ArrayList<>();
    int layer = feeding(norm);
    for (Slot slot : members.slots()) {
      Use use = tracer.use(slot.tensor());
      boolean own = use.edge().node() == layer;
      if (own && slot.role() != Role.CONSUMER) {
        boolean vector = use.constant().shape().length == 1;
        if (vector || readers.getOrDefault(use.constant().name(), 0) == 1) {
          (vector ? biases : weights).add(slot);
        }
      }
    }
    if (weights.size() != 1) {
      weights.clear();
      biases.clear();
    }
    return Optional.of(
        new Normalization(
            scale.get(), bias.get(), mean.get(), variance.get(), norm.epsilon(), weights, biases));
  }

  private Optional<Slot> slot(Label label, Members members) {
    return tracer
        .slot(label)
        .flatMap(raw ->
            members.slots().stream()
                .filter(s -> s.tensor().equals(raw.use()) && s.axis() == raw.axis())
                .findFirst());
  }

  /** The layer whose output this normalisation reads and nothing else does, or −1. */
  private int feeding(BatchNorm norm) {
    int maker = makerOf.getOrDefault(norm.input(), -1);
    boolean layer = maker >= 0 && LAYERS.contains(model.nodes().get(maker).getOpType());
    return layer && readers.getOrDefault(norm.input(), 0) == 1 ? maker : -1;
  }
}
