package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.report.InspectReport;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.ModelTensors;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.prepare.Preparation;
import dev.pleat.onnx.size.SizeProbe;
import dev.pleat.onnx.size.Sizes;
import dev.pleat.onnx.trace.Trace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A model together with its trace: the algorithm's view of a file. */
final class TracedModel {
  private final OnnxModel model;
  private final Trace trace;
  private final Sizes seen;
  private final ModelTensors tensors;

  private TracedModel(OnnxModel model, Trace trace, Sizes seen) {
    this.model = model;
    this.trace = trace;
    this.seen = seen;
    Map<String, String> constants = new HashMap<>();
    trace.uses().forEach((name, use) -> constants.put(name, use.constant().name()));
    this.tensors = new ModelTensors(model, constants);
  }

  /**
   * Runs a model to learn its sizes, and traces it.
   *
   * @param inputShapes shapes of inputs that are given, by name
   */
  static TracedModel of(OnnxModel model, Map<String, long[]> inputShapes, int threads) {
    Sizes sizes = SizeProbe.observe(model, inputShapes, threads);
    OnnxModel prepared = Preparation.of(model, sizes, threads);
    return new TracedModel(prepared, Trace.of(prepared, sizes), sizes);
  }

  /** The same with the heads of attention frozen. */
  TracedModel withoutHeads() {
    Map<Integer, String> reasons = new HashMap<>();
    for (int g = 0; g < groups().size(); g++) {
      if (groups().get(g).kind() == ChannelGroup.Kind.HEAD) {
        reasons.put(g, InspectReport.Share.HEADS);
      }
    }
    return reasons.isEmpty() ? this : without(reasons);
  }

  /** The same with some groups frozen, by index, for the reasons given. */
  TracedModel without(Map<Integer, String> reasons) {
    return with(trace.without(reasons));
  }

  /** The same with another trace of the model. */
  TracedModel with(Trace other) {
    return new TracedModel(model, other, seen);
  }

  /** Why the sizes of its values are not known, empty when they are. */
  String obstacle() {
    return seen.obstacle();
  }

  OnnxModel model() {
    return model;
  }

  Trace trace() {
    return trace;
  }

  List<ChannelGroup> groups() {
    return trace.groups();
  }

  TensorStore tensors() {
    return tensors;
  }

  /** The message for some clusterings of the groups and the tensors that were merged for them. */
  ModelProto rewrite(
      List<Clustering> clusterings, TensorOverlay merged, Map<String, String> provenance) {
    return FoldedGraph.of(model, trace, clusterings, merged, provenance);
  }

  /**
   * Refuses weights that nothing sensible can be computed from. What stays as it is may be infinite
   * on purpose, as biases are that hide places from attention.
   *
   * @throws PleatException when a weight of a group is NaN or infinite, or one that is frozen NaN
   */
  void checkFinite() {
    TreeSet<String> folded = new TreeSet<>();
    groups().forEach(group -> group.slots().forEach(slot -> folded.add(slot.tensor())));
    TreeSet<String> names = new TreeSet<>(folded);
    trace.frozen().forEach(frozen -> names.addAll(frozen.tensors().keySet()));
    for (String name : names) {
      float[] values = tensors.read(name).values();
      for (int i = 0; i < values.length; i++) {
        if (Float.isNaN(values[i]) || (Float.isInfinite(values[i]) && folded.contains(name))) {
          throw new PleatException(
              "%s: initializer '%s' holds %s at element %d; such a model cannot be folded, train or export it again"
                  .formatted(model.file(), trace.use(name).constant().name(), values[i], i));
        }
      }
    }
  }

  /** Parameters, bytes and operations by width, each constant counted once. */
  SizeModel sizes() {
    Map<String, List<String>> uses = new HashMap<>();
    trace
        .uses()
        .forEach((name, use) ->
            uses.computeIfAbsent(use.constant().name(), c -> new ArrayList<>()).add(name));
    Map<String, Long> work = trace.work().orElse(Map.of());
    Set<String> grouped = new HashSet<>();
    groups().forEach(group -> group.slots().forEach(slot -> grouped.add(slot.tensor())));
    List<SizeModel.SizedTensor> sized = new ArrayList<>();
    for (Constant constant : model.constants().values()) {
      if (!constant.isFloat()) {
        continue;
      }
      List<String> names = uses.getOrDefault(constant.name(), List.of(constant.name()));
      String name =
          names.stream().filter(grouped::contains).sorted().findFirst().orElse(names.getFirst());
      long positions = names.stream().mapToLong(n -> work.getOrDefault(n, 0L)).sum();
      sized.add(
          new SizeModel.SizedTensor(name, constant.shape(), constant.elementBytes(), positions));
    }
    return new SizeModel(sized, groups(), ActivationMemory.of(model, trace, seen));
  }

  /** The axes of a group with their roles, for people. */
  List<String> members(ChannelGroup group) {
    return group.slots().stream()
        .filter(slot -> slot.role() != Role.STATISTIC)
        .map(this::describe)
        .toList();
  }

  private String describe(Slot slot) {
    return "%s[%d] %s"
        .formatted(
            trace.use(slot.tensor()).constant().name(),
            slot.axis(),
            slot.role().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
  }
}
