package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.report.InspectReport;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.AttentionDescription;
import dev.pleat.llm.architecture.ConfigField;
import dev.pleat.llm.architecture.FeedForwardDescription;
import dev.pleat.llm.architecture.ModelFacts;
import dev.pleat.llm.architecture.ModelFacts.HeadSizes;
import dev.pleat.llm.fold.WidthFamily.WidthField;
import dev.pleat.llm.safetensors.Checkpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Finds the channel groups of a checkpoint by its description and checks every shape on the way.
 */
final class CheckpointGroups {
  /** The family of the key/value groups. */
  static final String ATTENTION = "attention";

  private final ModelFacts facts;
  private final Architecture architecture;
  private final SlotFinder slots;
  private final int hidden;
  private final int layers;

  /**
   * The groups of a model.
   *
   * @param feedForwards the feed-forward blocks, by their names, where layers differ in width each
   *     layer by itself
   * @param attention the key/value groups; no groups where the number of heads cannot change
   * @param heads the sizes of the attention
   * @param frozen what cannot fold, and why
   */
  record Found(
      List<WidthFamily> feedForwards,
      List<WidthFamily> attention,
      HeadSizes heads,
      List<InspectReport.Frozen> frozen) {}

  private CheckpointGroups(ModelFacts facts, Checkpoint checkpoint) {
    this.facts = facts;
    this.architecture = facts.architecture();
    this.slots = new SlotFinder(architecture, checkpoint);
    this.hidden = facts.positive(ConfigField.HIDDEN_SIZE);
    this.layers = facts.positive(ConfigField.LAYERS);
  }

  /**
   * Finds the groups.
   *
   * @throws PleatException when a tensor is missing, has a shape that contradicts {@code
   *     config.json} or an element type that cannot be folded, or belongs to a group's module
   *     without the description knowing it
   */
  static Found find(ModelFacts facts, Checkpoint checkpoint) {
    return new CheckpointGroups(facts, checkpoint).find();
  }

  private Found find() {
    List<WidthFamily> feedForwards = feedForwards();
    List<InspectReport.Frozen> frozen = new ArrayList<>();
    frozen.add(new InspectReport.Frozen("residual", hidden, "normalisations mix its channels"));
    List<WidthFamily> attention = new ArrayList<>();
    HeadSizes heads = facts.heads();
    switch (architecture.attention().heads()) {
      case AttentionDescription.Heads.Fixed(String reason) ->
          frozen.add(new InspectReport.Frozen(ATTENTION, heads.keyValue(), reason));
      case AttentionDescription.Heads.Free free -> attention.add(attention(heads));
    }
    slots.requireNoStrangers();
    slots.requireNoLayer(layers);
    return new Found(feedForwards, attention, heads, frozen);
  }

  private List<WidthFamily> feedForwards() {
    Map<FeedForwardDescription, List<ChannelGroup>> groups = new LinkedHashMap<>();
    for (int layer = 0; layer < layers; layer++) {
      for (FeedForwardDescription block : slots.modules().feedForwards(layer)) {
        groups.computeIfAbsent(block, b -> new ArrayList<>()).addAll(feedForward(block, layer));
      }
    }
    List<WidthFamily> families = new ArrayList<>();
    groups.forEach((block, found) -> {
      WidthField field = new WidthField(facts.path(block.width()), 1, 0);
      WidthFamily family =
          new WidthFamily(block.name(), found.getFirst().width(), found, List.of(field));
      boolean even = found.stream().allMatch(group -> group.width() == family.width());
      families.addAll(even ? List.of(family) : family.byLayer());
    });
    return families;
  }

  /** The group of one block, or those of its experts. */
  private List<ChannelGroup> feedForward(FeedForwardDescription block, int layer) {
    int width = facts.width(block, layer);
    int[] channels = IntStream.range(0, width).toArray();
    List<ChannelGroup> groups = new ArrayList<>();
    for (int expert = 0; expert < facts.experts(block); expert++) {
      List<Slot> found = new ArrayList<>();
      switch (block.projections()) {
        case FeedForwardDescription.Projections.Plain(String up) ->
            found.addAll(slots.producers(name(layer, up, expert), hidden, channels));
        case FeedForwardDescription.Projections.Gated(String gate, String up) -> {
          found.addAll(slots.producers(name(layer, gate, expert), hidden, channels));
          found.addAll(slots.producers(name(layer, up, expert), hidden, channels));
        }
        case FeedForwardDescription.Projections.Fused(String both) -> {
          int[] twice = IntStream.range(0, 2 * width).map(row -> row % width).toArray();
          found.addAll(slots.producers(name(layer, both, expert), hidden, twice));
        }
      }
      found.add(slots.consumer(name(layer, block.down(), expert), hidden, channels));
      String suffix = block.isRouted() ? "." + expert : "";
      groups.add(
          group(
              "layers.%d.%s%s".formatted(layer, block.name(), suffix),
              width,
              found,
              ChannelGroup.Kind.UNIT));
    }
    return groups;
  }

  private String name(int layer, String module, int expert) {
    return architecture.inLayer(layer, FeedForwardDescription.ofExpert(module, expert));
  }

  private WidthFamily attention(HeadSizes heads) {
    HeadChannels channels = new HeadChannels(heads);
    List<ChannelGroup> groups = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      groups.add(attention(layer, channels));
    }
    List<WidthField> fields = new ArrayList<>();
    facts
        .name(ConfigField.KEY_VALUE_HEADS)
        .ifPresent(name -> fields.add(new WidthField(facts.path(name), 1, 0)));
    facts
        .name(ConfigField.QUERY_HEADS)
        .ifPresent(name -> fields.add(new WidthField(facts.path(name), heads.perGroup(), 0)));
    facts
        .name(ConfigField.HEAD_DIM)
        .ifPresent(name -> fields.add(new WidthField(facts.path(name), 0, heads.width())));
    return new WidthFamily(ATTENTION, heads.keyValue(), groups, fields);
  }

  private ChannelGroup attention(int layer, HeadChannels channels) {
    AttentionDescription attention = architecture.attention();
    List<Slot> found = new ArrayList<>();
    switch (attention.projections()) {
      case AttentionDescription.Projections.Separate(String query, String key, String value) -> {
        found.addAll(
            slots.producers(architecture.inLayer(layer, query), hidden, channels.queries()));
        found.addAll(slots.producers(architecture.inLayer(layer, key), hidden, channels.keys()));
        found.addAll(slots.producers(architecture.inLayer(layer, value), hidden, channels.keys()));
      }
      case AttentionDescription.Projections.Fused(
              String module,
              AttentionDescription.Order order) ->
          found.addAll(
              slots.producers(architecture.inLayer(layer, module), hidden, channels.fused(order)));
    }
    String output = architecture.inLayer(layer, attention.output());
    found.add(slots.consumer(output, hidden, channels.queries()));
    return group(
        "layers.%d.%s".formatted(layer, ATTENTION),
        channels.sizes().keyValue(),
        found,
        ChannelGroup.Kind.HEAD);
  }

  private static ChannelGroup group(
      String name, int width, List<Slot> slots, ChannelGroup.Kind kind) {
    return new ChannelGroup(name, width, 1, new int[width], slots, List.of(), kind);
  }

  /** The axes of a group with their roles, for people. */
  static List<String> members(ChannelGroup group) {
    return group.slots().stream()
        .filter(slot -> slot.role() == Role.PRODUCER || slot.role() == Role.CONSUMER)
        .map(Slot::toString)
        .toList();
  }
}
