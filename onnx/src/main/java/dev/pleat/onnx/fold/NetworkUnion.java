package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Normalization;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.core.unite.TensorUnion;
import dev.pleat.core.unite.UnitVariance;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.ModelTensors;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.request.Heads;
import dev.pleat.onnx.trace.Edit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One network that is several of one architecture side by side: every group that can fold has the
 * channels of all, no weight leads from one network to another, and the outputs are the means of
 * theirs or stay apart. Where channels are frozen, weights are averaged in place.
 */
final class NetworkUnion {
  private final TracedModel first;
  private final OwnLayers own;
  private final List<TensorStore> tensors = new ArrayList<>();
  private final List<OnnxModel> models = new ArrayList<>();
  private final List<Map<String, String>> names = new ArrayList<>();

  private NetworkUnion(List<TracedModel> networks, Heads heads) {
    this.first = apart(networks.getFirst());
    Map<String, String> constants = new HashMap<>();
    first.trace().uses().forEach((name, use) -> constants.put(name, use.constant().name()));
    this.own = OwnLayers.of(first, networks, heads);
    for (TracedModel network : networks) {
      Map<String, String> other = SameGraph.names(first.model(), network.model(), own::isOfOwnSize);
      Map<String, String> ofUse = new HashMap<>();
      constants.forEach((use, constant) -> ofUse.put(use, other.getOrDefault(constant, constant)));
      models.add(network.model());
      names.add(other);
      tensors.add(scaled(new ModelTensors(network.model(), ofUse)));
    }
  }

  /**
   * The union.
   *
   * @param networks at least two, with heads of attention frozen that are to stay
   * @param heads what becomes of their outputs
   * @param provenance entries for {@code metadata_props}
   * @throws dev.pleat.core.PleatException when they are not of one architecture
   */
  static ModelProto of(List<TracedModel> networks, Heads heads, Map<String, String> provenance) {
    return new NetworkUnion(networks, heads).proto(provenance);
  }

  /** Means across channels would mix the networks: groups that nodes take them of are averaged. */
  private static TracedModel apart(TracedModel model) {
    Map<Integer, String> reasons = new HashMap<>();
    for (Edit edit : model.trace().edits()) {
      if (edit instanceof Edit.Repeated(var edge, int at, Edit.Axis axis)) {
        for (int id : axis.ids()) {
          int group = id < 0 ? -1 : model.trace().groupOf()[id];
          if (group >= 0) {
            reasons.put(group, "a node takes a mean across its channels");
          }
        }
      }
    }
    return reasons.isEmpty() ? model : model.without(reasons);
  }

  /** Batch normalisations of all networks get one scale, so that statistics can be compared. */
  private TensorStore scaled(TensorStore store) {
    TensorOverlay overlay = new TensorOverlay(store);
    for (ChannelGroup group : first.groups()) {
      for (Normalization normalization : group.normalizations()) {
        UnitVariance.apply(normalization, group.width(), overlay);
      }
    }
    return overlay;
  }

  private ModelProto proto(Map<String, String> provenance) {
    Map<String, List<Slot>> slots = new TreeMap<>();
    for (ChannelGroup group : first.groups()) {
      for (Slot slot : group.slots()) {
        slots.computeIfAbsent(slot.tensor(), t -> new ArrayList<>()).add(slot);
      }
    }
    TensorOverlay united = new TensorOverlay(tensors.getFirst());
    Set<String> ownTensors = own.tensors();
    slots.entrySet().parallelStream()
        .filter(entry -> !ownTensors.contains(entry.getKey()))
        .forEach(entry ->
            united.write(
                entry.getKey(),
                TensorUnion.of(
                    entry.getKey(),
                    tensors.stream().map(store -> store.read(entry.getKey())).toList(),
                    entry.getValue())));
    ModelProto shared =
        FoldedGraph.united(
            first.model(),
            first.trace(),
            tensors.size(),
            united,
            averages(united.written()),
            provenance);
    return own.apart(shared, models, names, tensors, slots);
  }

  /** Means of the constants that hold no channels and differ. */
  private Map<String, TensorProto> averages(Set<String> united) {
    Set<String> done = new HashSet<>();
    Set<String> partly = new HashSet<>();
    first
        .trace()
        .uses()
        .forEach((name, use) -> (united.contains(name) ? done : partly).add(use.constant().name()));
    done.removeAll(partly);
    Map<String, TensorProto> averages = new TreeMap<>();
    for (Constant constant : first.model().constants().values()) {
      if (constant.isFloat()
          && !done.contains(constant.name())
          && !own.constants().contains(constant.name())) {
        List<Tensor> values = new ArrayList<>();
        for (int m = 0; m < models.size(); m++) {
          String name = names.get(m).getOrDefault(constant.name(), constant.name());
          OnnxModel model = models.get(m);
          values.add(new Tensor(constant.shape(), model.floats(model.constant(name))));
        }
        float[] own = values.getFirst().values();
        if (!values.stream().allMatch(tensor -> Arrays.equals(tensor.values(), own))) {
          Tensor mean = TensorUnion.of(constant.name(), values, List.of());
          averages.put(constant.name(), TensorEncoder.floats(constant, constant.name(), mean));
        }
      }
    }
    return averages;
  }
}
