package dev.pleat.core.fold;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many parameters, bytes and operations a model has as a function of the widths of its groups.
 */
public final class SizeModel {

  /**
   * A tensor of the model.
   *
   * @param name its name
   * @param shape its dimensions before folding
   * @param elementBytes bytes of one element in the file
   * @param positions output positions that each weight is used at in one forward pass, 0 for a
   *     tensor that does not multiply
   */
  public record SizedTensor(String name, int[] shape, int elementBytes, long positions) {}

  /**
   * Totals for one choice of widths.
   *
   * @param parameters weights
   * @param bytes bytes of all weights
   * @param flops operations, a multiply-add counts 2
   */
  public record Totals(long parameters, long bytes, long flops) {}

  private record Shrinkage(int group, int axis, int occurrences, int partitions) {}

  private final List<SizedTensor> tensors;
  private final List<List<Shrinkage>> shrinkages = new ArrayList<>();
  private final int[] widths;

  /**
   * The model of these tensors and groups; tensors outside all groups count with their full size.
   */
  public SizeModel(List<SizedTensor> tensors, List<ChannelGroup> groups) {
    this.tensors = List.copyOf(tensors);
    this.widths = groups.stream().mapToInt(ChannelGroup::width).toArray();
    Map<String, List<Shrinkage>> byTensor = new HashMap<>();
    for (int g = 0; g < groups.size(); g++) {
      for (Slot slot : groups.get(g).slots()) {
        byTensor
            .computeIfAbsent(slot.tensor(), t -> new ArrayList<>())
            .add(new Shrinkage(g, slot.axis(), slot.occurrences(widths[g]), slot.partitions()));
      }
    }
    for (SizedTensor tensor : tensors) {
      shrinkages.add(byTensor.getOrDefault(tensor.name(), List.of()));
    }
  }

  /** Totals before folding. */
  public Totals original() {
    return totals(widths);
  }

  /** Totals when group g keeps {@code kept[g]} channels. */
  public Totals totals(int[] kept) {
    long parameters = 0;
    long bytes = 0;
    long flops = 0;
    for (int t = 0; t < tensors.size(); t++) {
      SizedTensor tensor = tensors.get(t);
      int[] shape = tensor.shape().clone();
      for (Shrinkage s : shrinkages.get(t)) {
        shape[s.axis] -= s.occurrences * (widths[s.group] - kept[s.group]) / s.partitions;
      }
      long elements = 1;
      for (int dimension : shape) {
        elements *= dimension;
      }
      parameters += elements;
      bytes += elements * tensor.elementBytes();
      flops += 2 * elements * tensor.positions();
    }
    return new Totals(parameters, bytes, flops);
  }

  /** Weights of the tensors that this group is part of. */
  public long parametersOf(int group) {
    long sum = 0;
    for (int t = 0; t < tensors.size(); t++) {
      if (shrinkages.get(t).stream().anyMatch(s -> s.group == group)) {
        long elements = 1;
        for (int dimension : tensors.get(t).shape()) {
          elements *= dimension;
        }
        sum += elements;
      }
    }
    return sum;
  }
}
