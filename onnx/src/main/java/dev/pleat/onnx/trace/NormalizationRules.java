package dev.pleat.onnx.trace;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.group.Role;
import dev.pleat.onnx.model.Nodes;
import java.util.List;
import java.util.Map;

/** Normalisations: each channel on its own passes through, across channels freezes. */
final class NormalizationRules {
  private NormalizationRules() {}

  static Map<String, OpRule> rules() {
    OpRule last = node -> across(node, node.integer("axis", -1));
    return Map.of(
        "BatchNormalization",
        NormalizationRules::batch,
        "InstanceNormalization",
        NormalizationRules::instance,
        "LayerNormalization",
        last,
        "RMSNormalization",
        last,
        "SimplifiedLayerNormalization",
        last,
        "com.microsoft:SkipLayerNormalization",
        NormalizationRules::skip,
        "com.microsoft:SkipSimplifiedLayerNormalization",
        NormalizationRules::skip,
        "GroupNormalization",
        node -> groups(node, 1, "num_groups"),
        "com.microsoft:GroupNorm",
        node -> groups(node, node.integer("channels_last", 1) != 0 ? -1 : 1, "groups"),
        "LRN",
        node -> across(node, 1));
  }

  private static void batch(NodeContext node) {
    Value x = node.in(0);
    NodeProto proto = node.node();
    boolean training = node.integer("training_mode", 0) != 0 || proto.getOutputCount() > 1;
    boolean constant =
        List.of(1, 2, 3, 4).stream()
            .allMatch(i -> node.in(i).isConstant() && node.in(i).rank() == 1);
    if (!x.ranked() || x.rank() < 2 || training || !constant) {
      node.freezeInputs("normalises with statistics that are no constants");
      return;
    }
    Label label = x.label(1);
    if (label.exists()) {
      Role[] roles = {Role.PER_CHANNEL, Role.PER_CHANNEL, Role.STATISTIC, Role.STATISTIC};
      for (int i = 0; i < roles.length; i++) {
        node.unify(label, node.in(i + 1).label(0));
        node.role(node.in(i + 1).label(0), roles[i]);
      }
      node.normalization(
          label,
          new BatchNorm(
              node.index(),
              proto.getInput(0),
              node.in(1).label(0),
              node.in(2).label(0),
              node.in(3).label(0),
              node.in(4).label(0),
              Nodes.real(proto, "epsilon", 1e-5f)));
    }
    node.out(0, x.dims(), x.labels());
  }

  private static void instance(NodeContext node) {
    Value x = node.in(0);
    Label label = x.ranked() && x.rank() > 1 ? x.label(1) : Label.NONE;
    for (int i = 1; i <= 2; i++) {
      Value parameter = node.in(i);
      if (label.exists() && parameter.isConstant() && parameter.rank() == 1) {
        node.unify(label, parameter.label(0));
        node.role(parameter.label(0), Role.PER_CHANNEL);
      } else {
        node.freezeInputs("has parameters that are no constants");
      }
    }
    node.out(0, Value.of(x.dims(), x.labels()));
  }

  /** Mixes all axes from the given one on, or axis 1 for the operators that normalise channels. */
  private static void across(NodeContext node, long axis) {
    Value x = node.in(0);
    if (!x.ranked()) {
      node.freezeInputs("normalises a value of unknown shape");
      return;
    }
    int from = (int) (axis < 0 ? axis + x.rank() : axis);
    for (int i = Math.max(0, from); i < x.rank(); i++) {
      node.freeze(x.label(i), "normalises across the channels");
    }
    freezeParameters(node);
    node.out(0, x.dims(), x.labels());
  }

  /** Normalises groups of channels: whole groups stay or go, so a group is one channel. */
  private static void groups(NodeContext node, int axis, String attribute) {
    Value x = node.in(0);
    Label label = x.ranked() && x.rank() > 1 ? x.label(axis) : Label.NONE;
    int count = (int) node.integer(attribute, 0);
    if (!label.exists() || count < 1 || label.size() % count != 0) {
      node.freezeInputs("normalises groups of channels that are not known");
      if (x.ranked()) {
        node.out(0, x.dims(), x.labels());
      }
      return;
    }
    int each = label.size() / count;
    int[] lowest = new int[label.size()];
    int[] ids = new int[count];
    for (int p = 0; p < lowest.length; p++) {
      lowest[p] = p / each * each;
      ids[p / each] = label.ids()[lowest[p]];
    }
    node.tie(label, lowest);
    Label whole = node.label(ids);
    for (int i = 1; i <= 2; i++) {
      Value parameter = node.in(i);
      if (!parameter.isConstant() || parameter.rank() != 1) {
        node.freeze(label, "has parameters that are no constants");
        continue;
      }
      // Up to operator set 20 there was one parameter for each group.
      node.unify(parameter.dim(0) == count ? whole : label, parameter.label(0));
      node.role(parameter.label(0), Role.PER_CHANNEL);
    }
    node.edit(new Edit.Count(node.index(), attribute, new Edit.Axis(whole.ids())));
    node.out(0, x.dims(), x.labels());
  }

  private static void skip(NodeContext node) {
    node.freezeInputs("normalises across the channels");
    Value x = node.in(0);
    if (x.ranked()) {
      node.out(0, x.dims(), x.labels());
      node.out(3, x.dims(), x.labels());
    }
  }

  private static void freezeParameters(NodeContext node) {
    for (int i = 1; i < node.inputCount(); i++) {
      if (node.has(i)) {
        for (Label label : node.in(i).labels()) {
          node.freeze(label, "normalises across the channels");
        }
      }
    }
  }
}
