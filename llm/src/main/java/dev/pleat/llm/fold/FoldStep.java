package dev.pleat.llm.fold;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A part of the output that is made at once and never again when it is found whole.
 *
 * @param name unique among the steps
 * @param tensors the tensors that it writes, sorted
 * @param groups the groups that it folds, at most one layer's; empty for a step that copies
 * @param kept channels that each group keeps
 */
record FoldStep(String name, List<String> tensors, List<ChannelGroup> groups, int kept) {
  /** Small groups of a layer are folded side by side, up to this many weights. */
  private static final long WEIGHTS_AT_ONCE = 1L << 25;

  /** Folds first, of each layer all in turn, then what is left of each shard. */
  static List<FoldStep> of(FoldPlan plan, Checkpoint checkpoint) {
    List<FoldStep> steps = new ArrayList<>();
    Set<String> folded = new HashSet<>();
    for (int f = 0; f < plan.widths().length; f++) {
      WidthFamily family = plan.families().get(f);
      // Where layers go, the blocks of the others are fitted whatever their widths.
      if (plan.widths()[f] < family.width() || (plan.removesLayers() && !family.isAttention())) {
        steps.addAll(folds(family, plan.widths()[f], checkpoint));
      }
    }
    // Attention comes first where a repair walks through the layers.
    steps.sort(Comparator.comparingInt(FoldStep::layer).thenComparing(FoldStep::isFeedForward));
    steps.forEach(step -> folded.addAll(step.tensors));
    for (Path shard : checkpoint.shards()) {
      List<String> rest =
          checkpoint.tensors(shard).stream()
              .map(TensorInfo::name)
              .filter(name -> !folded.contains(name) && plan.name(name).isPresent())
              .toList();
      steps.add(new FoldStep("copy " + shard.getFileName(), rest, List.of(), 0));
    }
    return steps;
  }

  private static List<FoldStep> folds(WidthFamily family, int kept, Checkpoint checkpoint) {
    List<FoldStep> steps = new ArrayList<>();
    List<ChannelGroup> batch = new ArrayList<>();
    long weights = 0;
    for (ChannelGroup group : family.groups()) {
      long more =
          tensors(List.of(group)).stream().mapToLong(t -> checkpoint.info(t).elements()).sum();
      if (!batch.isEmpty()
          && (weights + more > WEIGHTS_AT_ONCE
              || WidthFamily.layer(group) != WidthFamily.layer(batch.getFirst()))) {
        steps.add(fold(batch, kept));
        batch.clear();
        weights = 0;
      }
      batch.add(group);
      weights += more;
    }
    steps.add(fold(batch, kept));
    return steps;
  }

  private static FoldStep fold(List<ChannelGroup> groups, int kept) {
    return new FoldStep(groups.getFirst().name(), tensors(groups), List.copyOf(groups), kept);
  }

  private static List<String> tensors(List<ChannelGroup> groups) {
    Set<String> names = new TreeSet<>();
    groups.forEach(group -> group.slots().stream().map(Slot::tensor).forEach(names::add));
    return List.copyOf(names);
  }

  /** The same for some tensors: what it folds of others is not written. */
  FoldStep only(Set<String> names) {
    return new FoldStep(name, tensors.stream().filter(names::contains).toList(), groups, kept);
  }

  /** Whether it folds feed-forward blocks. */
  boolean isFeedForward() {
    return !groups.isEmpty()
        && !groups.getFirst().name().endsWith("." + CheckpointGroups.ATTENTION);
  }

  /** The layer whose groups it folds. */
  int layer() {
    return WidthFamily.layer(groups.getFirst());
  }
}
