package dev.pleat.onnx.trace;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.onnx.model.OnnxModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Turns traced channels into groups. Channels belong to one group when they occur on the same axes,
 * as often on each: only then are they interchangeable. A convolution that is split in two halves,
 * for instance, makes two groups.
 */
final class GroupAssembly {
  private final OnnxModel model;
  private final Tracer tracer;
  private final Channels channels;

  private final Set<Integer> heads;

  /** Class of each root id, refined label by label. */
  private final int[] classOf;

  private int classes = 1;

  GroupAssembly(OnnxModel model, Tracer tracer) {
    this.model = model;
    this.tracer = tracer;
    this.channels = tracer.channels();
    this.classOf = new int[channels.count()];
    this.heads = tracer.headChannels();
  }

  Trace assemble() {
    for (Label label : tracer.labels()) {
      refine(label.ids());
    }
    for (Tracer.RawSlot slot : tracer.slots()) {
      refine(slot.label().ids());
    }
    refineByReason();

    Map<Integer, Members> members = members();
    int[] channelOf = new int[channels.count()];
    Arrays.fill(channelOf, -1);
    members.values().forEach(m -> m.number(channelOf));
    collectSlots(members, channelOf);

    List<Chunking> chunkings =
        tracer.chunks().stream().map(c -> Chunking.of(c, this::memberOf, members)).toList();
    chunkings.forEach(chunking -> chunking.apply(channelOf, channels));

    GroupNames names = new GroupNames(model, tracer);
    NormalizationAssembly feeding = new NormalizationAssembly(model, tracer);
    Map<Integer, List<BatchNorm>> norms = normalizationsByClass();
    List<ChannelGroup> groups = new ArrayList<>();
    List<Trace.Frozen> frozen = new ArrayList<>();
    int[] groupOfClass = new int[classes];
    Arrays.fill(groupOfClass, -1);
    List<Map.Entry<Integer, Members>> ordered = new ArrayList<>(members.entrySet());
    ordered.sort(java.util.Comparator.comparingInt(e -> e.getValue().firstNode(tracer)));
    for (Map.Entry<Integer, Members> entry : ordered) {
      Members m = entry.getValue();
      if (m.width() < 2 && !m.isTied()) {
        continue;
      }
      String name = names.of(m.slots());
      String reason = m.reason();
      if (reason.isEmpty()) {
        groupOfClass[entry.getKey()] = groups.size();
        groups.add(
            m.group(
                name,
                norms.getOrDefault(entry.getKey(), List.of()).stream()
                    .flatMap(norm -> feeding.of(norm, m).stream())
                    .filter(norm -> norm.variance().occurrences(m.width()) == 1)
                    .toList()));
      } else {
        Map<String, Role> tensors = new TreeMap<>();
        m.slots().forEach(slot -> tensors.put(slot.tensor(), slot.role()));
        frozen.add(new Trace.Frozen(name, m.width(), reason, tensors));
      }
    }
    int[] groupOf = new int[channels.count()];
    for (int id = 0; id < groupOf.length; id++) {
      int root = channels.find(id);
      groupOf[id] = groupOfClass[classOf[root]];
      channelOf[id] = channelOf[root];
    }
    return new Trace(
        List.copyOf(groups),
        List.copyOf(frozen),
        Map.copyOf(tracer.uses()),
        List.copyOf(tracer.edits().all()),
        work(),
        groupOf,
        channelOf,
        axes());
  }

  private int memberOf(int id) {
    return classOf[channels.find(id)];
  }

  /** Splits classes by how often their channels occur in these positions. */
  private void refine(int[] ids) {
    Map<Integer, Integer> occurrences = new LinkedHashMap<>();
    for (int id : ids) {
      if (id != Label.FIXED) {
        occurrences.merge(channels.find(id), 1, Integer::sum);
      }
    }
    Map<Long, Integer> split = new HashMap<>();
    occurrences.forEach((root, count) ->
        classOf[root] =
            split.computeIfAbsent((long) classOf[root] << 32 | count, key -> classes++));
  }

  private void refineByReason() {
    Map<String, Integer> split = new HashMap<>();
    for (int id = 0; id < classOf.length; id++) {
      if (channels.find(id) == id) {
        String key = classOf[id] + " " + heads.contains(id) + " " + channels.reason(id);
        classOf[id] = split.computeIfAbsent(key, k -> classes++);
      }
    }
  }

  /** Classes that some producer makes, their channels in the order of the first producer axis. */
  private Map<Integer, Members> members() {
    Map<Integer, Members> members = new LinkedHashMap<>();
    boolean[] seen = new boolean[channels.count()];
    for (Tracer.RawSlot slot : tracer.slots()) {
      if (slot.role() != Role.PRODUCER) {
        continue;
      }
      for (int id : slot.label().ids()) {
        int root = id == Label.FIXED ? -1 : channels.find(id);
        if (root >= 0 && !seen[root]) {
          seen[root] = true;
          members
              .computeIfAbsent(classOf[root], c -> new Members(channels.reason(root), kind(root)))
              .add(root);
        }
      }
    }
    return members;
  }

  private ChannelGroup.Kind kind(int root) {
    return heads.contains(root) ? ChannelGroup.Kind.HEAD : ChannelGroup.Kind.UNIT;
  }

  private void collectSlots(Map<Integer, Members> members, int[] channelOf) {
    for (Tracer.RawSlot raw : tracer.slots()) {
      int[] ids = raw.label().ids();
      Map<Integer, int[]> maps = new LinkedHashMap<>();
      for (int p = 0; p < ids.length; p++) {
        int root = ids[p] == Label.FIXED ? -1 : channels.find(ids[p]);
        if (root >= 0 && members.containsKey(classOf[root])) {
          int[] map = maps.computeIfAbsent(classOf[root], c -> filled(ids.length));
          map[p] = channelOf[root];
        }
      }
      maps.forEach((c, map) ->
          Objects.requireNonNull(members.get(c))
              .add(new Slot(raw.use(), raw.axis(), raw.role(), map, raw.partitions())));
    }
  }

  private static int[] filled(int size) {
    int[] map = new int[size];
    Arrays.fill(map, -1);
    return map;
  }

  /** Normalisations by the classes that they touch. */
  private Map<Integer, List<BatchNorm>> normalizationsByClass() {
    Map<Integer, List<BatchNorm>> byClass = new HashMap<>();
    tracer
        .normalizations()
        .forEach((norm, label) ->
            Arrays.stream(label.ids())
                .filter(id -> id != Label.FIXED)
                .map(this::memberOf)
                .distinct()
                .forEach(c -> byClass.computeIfAbsent(c, k -> new ArrayList<>()).add(norm)));
    return byClass;
  }

  private Optional<Map<String, Long>> work() {
    if (!tracer.workKnown()) {
      return Optional.empty();
    }
    Map<String, Long> work = new HashMap<>();
    tracer.work().forEach(w -> work.put(w.use(), w.positions()));
    return Optional.of(work);
  }

  private Map<String, List<Edit.Axis>> axes() {
    Map<String, List<Edit.Axis>> axes = new HashMap<>();
    tracer
        .values()
        .forEach((name, value) -> {
          if (Arrays.stream(value.labels()).anyMatch(Label::exists)) {
            axes.put(name, Arrays.stream(value.labels()).map(l -> new Edit.Axis(l.ids())).toList());
          }
        });
    return axes;
  }
}
