package dev.pleat.onnx.trace;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.unite.AxisUnion;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.size.Sizes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The channel groups of a model, and everything else in it that follows their widths.
 *
 * @param groups the groups that can fold, in the order of the network
 * @param frozen the groups that cannot
 * @param uses what each tensor name of the slots stands for
 * @param edits numbers in the graph that follow the widths
 * @param work tensors that multiply, with the output positions each weight is used at; empty where
 *     the shapes are not known
 * @param groupOf index in {@code groups} of each channel id, −1 outside
 * @param channelOf channel of each channel id within its group
 * @param axes labelled axes of the graph's values by name, for their declared shapes
 */
public record Trace(
    List<ChannelGroup> groups,
    List<Frozen> frozen,
    Map<String, Use> uses,
    List<Edit> edits,
    Optional<Map<String, Long>> work,
    int[] groupOf,
    int[] channelOf,
    Map<String, List<Edit.Axis>> axes) {

  /**
   * A group that cannot fold.
   *
   * @param name its name
   * @param width its channels
   * @param reason why
   * @param tensors the axes that hold its channels and what they do with them
   */
  public record Frozen(String name, int width, String reason, Map<String, Role> tensors) {}

  /**
   * Traces a model in time linear in its values, walking it again only while channels that a
   * Reshape takes apart have to go on along other axes.
   *
   * @param sizes what is known of the sizes of its values
   */
  public static Trace of(OnnxModel model, Sizes sizes) {
    Splits splits = new Splits();
    Tracer tracer;
    do {
      tracer = new Tracer(model, sizes, splits);
      tracer.run();
    } while (splits.reconsider(tracer.channels()));
    return new GroupAssembly(model, tracer).assemble();
  }

  /**
   * A value of a model.
   *
   * @param name its name
   * @param elements how many it has
   */
  public record Extent(String name, double elements) {}

  /**
   * The value with the most elements, as far as shapes follow from those of the inputs without a
   * run.
   *
   * @param inputs shapes of all inputs, by name
   */
  public static Extent largest(OnnxModel model, Map<String, long[]> inputs) {
    Tracer tracer = new Tracer(model, Sizes.declared(inputs), new Splits());
    tracer.run();
    Extent largest = new Extent("", 0);
    for (Map.Entry<String, Value> value : tracer.values().entrySet()) {
      double elements = 1;
      for (long dim : value.getValue().dims()) {
        elements *= dim < 0 ? 1 : dim;
      }
      if (elements > largest.elements) {
        largest = new Extent(value.getKey(), elements);
      }
    }
    return largest;
  }

  /** The same trace with some groups frozen, by index, for the reasons given. */
  public Trace without(Map<Integer, String> reasons) {
    List<ChannelGroup> kept = new ArrayList<>();
    List<Frozen> left = new ArrayList<>(frozen);
    int[] indexOf = new int[groups.size()];
    for (int g = 0; g < groups.size(); g++) {
      ChannelGroup group = groups.get(g);
      String reason = reasons.get(g);
      indexOf[g] = reason == null ? kept.size() : -1;
      if (reason == null) {
        kept.add(group);
      } else {
        Map<String, Role> tensors = new TreeMap<>();
        group.slots().forEach(slot -> tensors.put(slot.tensor(), slot.role()));
        left.add(new Frozen(group.name(), group.width(), reason, tensors));
      }
    }
    int[] renumbered = Arrays.stream(groupOf).map(g -> g < 0 ? -1 : indexOf[g]).toArray();
    return new Trace(kept, left, uses, edits, work, renumbered, channelOf, axes);
  }

  /** The same trace with more uses, of constants that nodes are to read separately. */
  public Trace with(Map<String, Use> more) {
    Map<String, Use> all = new LinkedHashMap<>(uses);
    all.putAll(more);
    return new Trace(groups, frozen, all, edits, work, groupOf, channelOf, axes);
  }

  /** What a slot's tensor stands for. */
  public Use use(String tensor) {
    return Objects.requireNonNull(uses.get(tensor), tensor);
  }

  /** How many positions of an axis remain once its channels are clustered. */
  public int kept(Edit.Axis axis, List<Clustering> clusterings) {
    return kept(axis, clusterings, 0, axis.ids().length);
  }

  /** Whether a position of an axis remains. */
  public boolean keeps(Edit.Axis axis, int position, List<Clustering> clusterings) {
    return kept(axis, clusterings, position, position + 1) == 1;
  }

  /**
   * For each position of an axis that has members left, in order, which of the remaining positions
   * holds the channel that it merged into.
   */
  public int[] merged(Edit.Axis axis, List<Clustering> clusterings) {
    Map<List<Integer>, Integer> places = new HashMap<>();
    Map<List<Integer>, Integer> seen = new HashMap<>();
    List<List<Integer>> keys = new ArrayList<>();
    int kept = 0;
    for (int p = 0; p < axis.ids().length; p++) {
      int id = axis.ids()[p];
      int group = id < 0 ? -1 : groupOf[id];
      int channel = group < 0 ? p : channelOf[id];
      int cluster = group < 0 ? p : clusterings.get(group).clusterOf(channel);
      // A channel may stand at several positions: the nth of one belongs to the nth of the other.
      int turn = seen.merge(List.of(group, channel), 1, Integer::sum);
      List<Integer> key = List.of(group, cluster, turn);
      if (cluster != Clustering.DROPPED) {
        keys.add(key);
      }
      if (keeps(axis, p, clusterings)) {
        places.put(key, kept++);
      }
    }
    return keys.stream().mapToInt(key -> Objects.requireNonNull(places.get(key))).toArray();
  }

  /**
   * Where the positions of an axis lie in the union of networks that share this trace.
   *
   * @param networks how many, at least 1
   */
  public AxisUnion united(Edit.Axis axis, int networks) {
    long[] channels = new long[axis.ids().length];
    for (int p = 0; p < channels.length; p++) {
      int id = axis.ids()[p];
      int group = id < 0 ? -1 : groupOf[id];
      channels[p] = group < 0 ? -1 : ((long) group << 32) + channelOf[id];
    }
    return AxisUnion.of(channels, networks);
  }

  /** How many positions of a part of an axis remain. */
  public int kept(Edit.Axis axis, List<Clustering> clusterings, int from, int to) {
    int kept = 0;
    for (int p = from; p < to; p++) {
      int id = axis.ids()[p];
      int group = id < 0 ? -1 : groupOf[id];
      if (group < 0 || clusterings.get(group).isRepresentative(channelOf[id])) {
        kept++;
      }
    }
    return kept;
  }
}
