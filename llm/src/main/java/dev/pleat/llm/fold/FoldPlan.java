package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.budget.Damage;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Widths;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import dev.pleat.core.report.Budget;
import dev.pleat.llm.architecture.Attention;
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
import java.util.stream.IntStream;

/**
 * How wide each family becomes.
 *
 * @param families what may fold
 * @param widths channels that the groups of each family keep
 * @param sizes parameters and bytes by the widths of the families
 * @param budget what the target allows and what the widths take of it
 */
record FoldPlan(
    List<WidthFamily> families, int[] widths, SizeModel sizes, Optional<Budget> budget) {
  /** Room for the provenance that each shard carries. */
  private static final int BYTES_OF_PROVENANCE = 1024;

  /**
   * Chooses the widths.
   *
   * @param damage says of families what folding them does
   * @throws PleatException when the target cannot be met, or loaders do not accept the heads
   */
  static FoldPlan of(
      CheckpointFoldRequest request, OpenModel model, Function<List<WidthFamily>, Damage> damage) {
    CheckpointGroups.Found found = model.groups();
    ModelFacts facts = model.facts();
    Checkpoint checkpoint = model.checkpoint();
    FoldOptions options = request.options();
    Optional<Double> heads = request.heads();
    List<WidthFamily> families = new ArrayList<>(families(found, options.allocation()));
    Map<String, Integer> fixed = new HashMap<>(options.widths());
    if (heads.isPresent()) {
      Attention.Heads allowed = facts.architecture().attention().heads();
      if (allowed instanceof Attention.Heads.Fixed(String reason)) {
        throw new PleatException(
            "--heads: the attention of a %s model cannot lose heads: %s; leave the option out"
                .formatted(facts.architecture().family(), reason));
      }
      families.addAll(found.attention());
      boolean divides = allowed instanceof Attention.Heads.Free(boolean wanted) && wanted;
      int hidden = facts.positive(ConfigField.HIDDEN_SIZE);
      fixed.put(
          CheckpointGroups.ATTENTION,
          LoaderWidths.heads(found.heads(), heads.get(), hidden, divides));
    }
    List<ChannelGroup> wholes = families.stream().map(WidthFamily::whole).toList();
    SizeModel sizes = new SizeModel(tensors(checkpoint), wholes);
    Widths widths =
        new Widths(
            wholes,
            options.with(fixed),
            group -> request.round().orElse(LoaderWidths.multiple(group.width())));
    long overhead = overhead(checkpoint, sizes);
    int[] kept = widths.choose(sizes, overhead, damage.apply(families));
    return new FoldPlan(families, kept, sizes, widths.budget(sizes, overhead, kept));
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

  private static List<SizeModel.SizedTensor> tensors(Checkpoint checkpoint) {
    List<SizeModel.SizedTensor> tensors = new ArrayList<>();
    for (String name : checkpoint.names()) {
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
  private static long overhead(Checkpoint checkpoint, SizeModel sizes) {
    return checkpoint.decodedBytes()
        - sizes.original().bytes()
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
    return ConfigWidths.of(families, widths);
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
