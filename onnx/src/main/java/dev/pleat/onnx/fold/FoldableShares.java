package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.report.InspectReport;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.trace.Trace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** How much of a model can fold, and how much is frozen for which reason. */
final class FoldableShares {
  private final TracedModel traced;
  private final Set<String> foldable = new HashSet<>();
  private final Map<String, String> reasons = new HashMap<>();
  private final Map<String, long[]> sums = new HashMap<>();
  private final Map<String, String> readers = new HashMap<>();

  private FoldableShares(TracedModel traced) {
    this.traced = traced;
    for (NodeProto node : traced.model().nodes()) {
      Nodes.reads(node).forEach(name -> readers.putIfAbsent(name, node.getOpType()));
    }
    for (ChannelGroup group : traced.groups()) {
      group.slots().forEach(slot -> foldable.add(slot.tensor()));
    }
    // A weight goes by what freezes the channels it makes, unless heads are all that is in the way.
    for (Role role : List.of(Role.CONSUMER, Role.STATISTIC, Role.PER_CHANNEL, Role.PRODUCER)) {
      for (Trace.Frozen frozen : traced.trace().frozen()) {
        frozen
            .tensors()
            .forEach((tensor, own) -> {
              if (own == role) {
                reasons.put(tensor, frozen.reason());
              }
            });
      }
    }
    for (Trace.Frozen frozen : traced.trace().frozen()) {
      if (frozen.reason().equals(InspectReport.Share.HEADS)) {
        frozen.tensors().keySet().forEach(tensor -> reasons.put(tensor, frozen.reason()));
      }
    }
  }

  /** What can fold first, then the reasons, the largest share first. */
  static List<InspectReport.Share> of(TracedModel traced) {
    return new FoldableShares(traced).shares();
  }

  private List<InspectReport.Share> shares() {
    Map<String, List<String>> uses = new HashMap<>();
    traced
        .trace()
        .uses()
        .forEach((name, use) ->
            uses.computeIfAbsent(use.constant().name(), c -> new ArrayList<>()).add(name));
    Optional<Map<String, Long>> work = traced.trace().work();
    long operations = 0;
    for (Constant constant : traced.model().constants().values()) {
      if (!constant.isFloat()) {
        continue;
      }
      List<String> names = uses.getOrDefault(constant.name(), List.of());
      long positions =
          work.map(w -> names.stream().mapToLong(name -> w.getOrDefault(name, 0L)).sum())
              .orElse(0L);
      long[] sum = sums.computeIfAbsent(reason(constant.name(), names), reason -> new long[2]);
      sum[0] += constant.elements();
      sum[1] += constant.elements() * positions;
      operations += constant.elements() * positions;
    }
    double all = Math.max(1, operations);
    return sums.entrySet().stream()
        .sorted(
            Comparator.comparing((Map.Entry<String, long[]> e) -> !e.getKey().isEmpty())
                .thenComparing(e -> -e.getValue()[0])
                .thenComparing(Map.Entry::getKey))
        .map(e ->
            new InspectReport.Share(
                e.getKey(), e.getValue()[0], work.map(w -> e.getValue()[1] / all)))
        .toList();
  }

  private String reason(String constant, List<String> names) {
    if (names.stream().anyMatch(foldable::contains)) {
      return "";
    }
    return names.stream()
        .sorted()
        .map(reasons::get)
        .filter(java.util.Objects::nonNull)
        .findFirst()
        .map(reason -> reason.replaceAll(" '[^']*'", ""))
        .orElseGet(() ->
            readers.containsKey(constant)
                ? "%s reads it, where no channels fold".formatted(readers.get(constant))
                : "nothing reads it");
  }
}
