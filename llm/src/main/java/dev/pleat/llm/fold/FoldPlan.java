package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.Setting;
import dev.pleat.core.budget.Damage;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Target;
import dev.pleat.core.fold.Widths;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import dev.pleat.core.report.Budget;
import dev.pleat.core.report.ClusterCount;
import dev.pleat.core.report.GroupReport;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.AttentionDescription;
import dev.pleat.llm.architecture.ConfigField;
import dev.pleat.llm.architecture.ModelFacts;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.TensorInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How wide each family becomes.
 *
 * @param cut which layers go
 * @param family says how tensors are named
 * @param families what may fold, of the layers that stay
 * @param widths channels that the groups of each family keep
 * @param sizes parameters and bytes by the widths of the families, of what stays
 * @param original parameters of the original
 * @param budget what the target allows and what the widths take of it
 */
record FoldPlan(
    LayerCut cut,
    Architecture family,
    List<WidthFamily> families,
    int[] widths,
    SizeModel sizes,
    long original,
    Optional<Budget> budget) {
  /** What reports call the layers. */
  static final String LAYERS = "layers";

  /** Room for the provenance that each shard carries. */
  private static final int BYTES_OF_PROVENANCE = 1024;

  /**
   * Chooses the widths.
   *
   * @param cut which layers go
   * @param damage says of families what folding them does
   * @throws PleatException when the target cannot be met, or loaders do not accept the heads
   */
  static FoldPlan of(
      CheckpointFoldRequest request,
      OpenModel model,
      LayerCut cut,
      Function<List<WidthFamily>, Damage> damage) {
    CheckpointGroups.Found found = model.groups();
    ModelFacts facts = model.facts();
    Checkpoint checkpoint = model.checkpoint();
    FoldOptions options = request.options();
    Optional<Double> heads = request.heads();
    List<WidthFamily> families =
        new ArrayList<>(cut.families(families(found, options.allocation())));
    Map<String, Integer> fixed = new HashMap<>(options.widths());
    if (heads.isPresent()) {
      AttentionDescription.Heads allowed = facts.architecture().attention().heads();
      if (allowed instanceof AttentionDescription.Heads.Fixed(String reason)) {
        throw PleatException.naming(
            "%s: the attention of a %s model cannot lose heads: %s; leave the option out",
            Setting.of("heads"), facts.architecture().family(), reason);
      }
      families.addAll(cut.families(found.attention()));
      boolean divides =
          allowed instanceof AttentionDescription.Heads.Free(boolean wanted) && wanted;
      int hidden = facts.positive(ConfigField.HIDDEN_SIZE);
      fixed.put(
          CheckpointGroups.ATTENTION,
          LoaderWidths.heads(found.heads(), heads.get(), hidden, divides));
    }
    List<ChannelGroup> wholes = families.stream().map(WidthFamily::whole).toList();
    SizeModel whole = new SizeModel(tensors(checkpoint, name -> true), wholes);
    long overhead = overhead(checkpoint, whole);
    SizeModel sizes =
        cut.isNone()
            ? whole
            : new SizeModel(
                tensors(checkpoint, name -> cut.name(name, facts.architecture()).isPresent()),
                wholes);
    Target left = left(options.target(), whole, sizes, overhead);
    Widths widths =
        new Widths(
            wholes,
            options.with(fixed).with(left),
            group -> request.round().orElse(LoaderWidths.multiple(group.width())));
    int[] kept = widths.choose(sizes, overhead, damage.apply(families));
    return new FoldPlan(
        cut,
        facts.architecture(),
        families,
        kept,
        sizes,
        whole.original().parameters(),
        widths.budget(sizes, overhead, kept));
  }

  /** What a target that is a share of the original asks of what is left of it. */
  private static Target left(Target target, SizeModel whole, SizeModel left, long overhead) {
    return switch (target) {
      case Target.Parameters(double ratio) ->
          new Target.Parameters(
              Math.max(
                  0,
                  1 - (1 - ratio) * whole.original().parameters() / left.original().parameters()));
      case Target.SizeShare(double share) ->
          new Target.Size((long) Math.floor(share * (whole.original().bytes() + overhead)));
      default -> target;
    };
  }

  /** A global allocation gives each layer a width of its own. */
  private static List<WidthFamily> families(CheckpointGroups.Found found, Allocation allocation) {
    return switch (allocation) {
      case UNIFORM -> found.feedForwards();
      case GLOBAL ->
          found.feedForwards().stream()
              .flatMap(family -> family.byLayer().stream())
              .sorted(
                  Comparator.comparingInt(family -> WidthFamily.layer(family.groups().getFirst())))
              .toList();
    };
  }

  private static List<SizeModel.SizedTensor> tensors(
      Checkpoint checkpoint, Predicate<String> stays) {
    List<SizeModel.SizedTensor> tensors = new ArrayList<>();
    for (String name : checkpoint.names().stream().filter(stays).toList()) {
      TensorInfo info = checkpoint.info(name);
      info.type()
          .encoding()
          .ifPresent(encoding ->
              tensors.add(
                  new SizeModel.SizedTensor(name, LayerTensors.shape(info), encoding.bytes(), 0)));
    }
    return tensors;
  }

  /** Bytes of the files that no width changes. */
  private static long overhead(Checkpoint checkpoint, SizeModel whole) {
    return checkpoint.decodedBytes()
        - whole.original().bytes()
        + (long) BYTES_OF_PROVENANCE * checkpoint.shards().size();
  }

  /** Totals after folding. */
  SizeModel.Totals folded() {
    return sizes.totals(widths);
  }

  /** Whether any feed-forward block becomes narrower. */
  boolean foldsFeedForwards() {
    return IntStream.range(0, widths.length)
        .anyMatch(f -> !families.get(f).isAttention() && widths[f] < families.get(f).width());
  }

  /** The name that a tensor gets, empty when it goes with its layer. */
  Optional<String> name(String tensor) {
    return cut.name(tensor, family);
  }

  /** Whether any layer goes. */
  boolean removesLayers() {
    return !cut.isNone();
  }

  /** What became of the layers, where some go. */
  Optional<GroupReport> layers() {
    if (cut.isNone()) {
      return Optional.empty();
    }
    String gone = cut.removed().stream().map(String::valueOf).collect(Collectors.joining(", "));
    return Optional.of(
        new GroupReport(
            LAYERS,
            cut.before(),
            cut.after(),
            0,
            0,
            1,
            1,
            false,
            "removed: " + gone,
            List.of(new ClusterCount(1, cut.after()))));
  }

  /** Whether attention loses heads. */
  boolean foldsHeads() {
    return IntStream.range(0, widths.length)
        .anyMatch(f -> families.get(f).isAttention() && widths[f] < families.get(f).width());
  }

  /** Channels that a group keeps, all if it is in no family. */
  int kept(ChannelGroup group) {
    return IntStream.range(0, widths.length)
        .filter(f -> families.get(f).groups().contains(group))
        .map(f -> widths[f])
        .findFirst()
        .orElse(group.width());
  }

  /** What {@code config.json} has to say. */
  ConfigWidths config() {
    return ConfigWidths.of(families, widths, cut);
  }

  /**
   * What changes in {@code config.json}, as JSON by the path of the field.
   *
   * @throws PleatException when it says something of layers that go that would not hold any more
   */
  Map<String, String> configTexts(ModelFacts facts) {
    Map<String, String> texts = new HashMap<>(ConfigLayers.texts(facts, cut));
    texts.putAll(config().texts(facts));
    return texts;
  }

  /** The shapes of the tensors that change. */
  Map<String, long[]> shapes(Checkpoint checkpoint) {
    Map<String, long[]> shapes = new HashMap<>();
    for (int f = 0; f < widths.length; f++) {
      WidthFamily family = families.get(f);
      for (ChannelGroup group : family.groups()) {
        for (Slot slot : group.slots()) {
          long[] shape = checkpoint.info(slot.tensor()).shape().clone();
          shape[slot.axis()] = shape[slot.axis()] / family.width() * widths[f];
          shapes.put(slot.tensor(), shape);
        }
      }
    }
    return shapes;
  }
}
