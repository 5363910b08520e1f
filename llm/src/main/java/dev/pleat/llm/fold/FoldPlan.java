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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
   * @param heads share of the key/value groups to remove, empty to leave attention alone
   * @param round the multiple that widths are rounded up to, empty for what loaders like
   * @throws PleatException when the target cannot be met, or loaders do not accept the heads
   */
  static FoldPlan of(
      CheckpointGroups.Found found,
      ModelFacts facts,
      Checkpoint checkpoint,
      FoldOptions options,
      Optional<Double> heads,
      Optional<Integer> round) {
    if (options.allocation() == Allocation.GLOBAL) {
      throw new PleatException(
          "--allocate global gives every layer a width of its own, but config.json of a %s model has one for all, and so have the loaders; use --allocate uniform"
              .formatted(facts.architecture().family()));
    }
    List<WidthFamily> families = new ArrayList<>(found.feedForwards());
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
            group -> round.orElse(LoaderWidths.multiple(group.width())));
    long overhead = overhead(checkpoint, sizes);
    int[] kept = widths.choose(sizes, overhead, Damage.UNKNOWN);
    return new FoldPlan(families, kept, sizes, widths.budget(sizes, overhead, kept));
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
    return checkpoint.fileBytes()
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
        .anyMatch(f ->
            !families.get(f).name().equals(CheckpointGroups.ATTENTION)
                && widths[f] < families.get(f).width());
  }

  /** What {@code config.json} has to say, by the path of the field. */
  Map<String, Long> configValues() {
    Map<String, Long> values = new LinkedHashMap<>();
    for (int f = 0; f < widths.length; f++) {
      if (widths[f] < families.get(f).width()) {
        values.putAll(families.get(f).values(widths[f]));
      }
    }
    return values;
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
