package dev.pleat.core.budget;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How many parameters, bytes and operations a model has as a function of the widths of its groups:
 * sums over tensors of products of widths, so the counts are exact.
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
  public record Totals(long parameters, long bytes, long flops) {
    private Totals plus(Totals other) {
      return new Totals(parameters + other.parameters, bytes + other.bytes, flops + other.flops);
    }

    /** One of the totals. */
    public long of(Measure measure) {
      return switch (measure) {
        case PARAMETERS -> parameters;
        case BYTES -> bytes;
        case FLOPS -> flops;
      };
    }
  }

  /** What can be counted. */
  public enum Measure {
    /** Weights. */
    PARAMETERS,
    /** Bytes of all weights. */
    BYTES,
    /** Operations of one forward pass. */
    FLOPS
  }

  private static final Totals NOTHING = new Totals(0, 0, 0);

  private record Shrinkage(int group, int axis, int occurrences, int partitions) {}

  private final List<SizedTensor> tensors;
  private final List<ChannelGroup> groups;
  private final Optional<Cost> activations;
  private final List<List<Shrinkage>> shrinkages = new ArrayList<>();
  private final int[] widths;

  /** The tensors of each group, by index. */
  private final List<int[]> tensorsOf;

  /**
   * The model of these tensors and groups; tensors outside all groups count with their full size.
   */
  public SizeModel(List<SizedTensor> tensors, List<ChannelGroup> groups) {
    this(tensors, groups, Optional.empty());
  }

  /**
   * The same, with the memory of a run.
   *
   * @param activations the most elements of activations that are alive at once
   */
  public SizeModel(
      List<SizedTensor> tensors, List<ChannelGroup> groups, Optional<Cost> activations) {
    this.tensors = List.copyOf(tensors);
    this.groups = List.copyOf(groups);
    this.activations = activations;
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
    List<IntStream.Builder> found = new ArrayList<>();
    groups.forEach(group -> found.add(IntStream.builder()));
    for (int t = 0; t < shrinkages.size(); t++) {
      int tensor = t;
      shrinkages.get(t).stream()
          .mapToInt(Shrinkage::group)
          .distinct()
          .forEach(g -> found.get(g).add(tensor));
    }
    this.tensorsOf = found.stream().map(builder -> builder.build().toArray()).toList();
  }

  /** Totals before folding. */
  public Totals original() {
    return totals(widths);
  }

  /** Totals when group g keeps {@code kept[g]} channels. */
  public Totals totals(int[] kept) {
    Totals sum = NOTHING;
    for (int t = 0; t < tensors.size(); t++) {
      sum = sum.plus(ofTensor(t, kept));
    }
    return sum;
  }

  private Totals ofTensor(int t, int[] kept) {
    SizedTensor tensor = tensors.get(t);
    int[] shape = tensor.shape().clone();
    for (Shrinkage s : shrinkages.get(t)) {
      shape[s.axis] -= s.occurrences * (widths[s.group] - kept[s.group]) / s.partitions;
    }
    long elements = 1;
    for (int dimension : shape) {
      elements *= dimension;
    }
    return new Totals(
        elements, elements * tensor.elementBytes(), 2 * elements * tensor.positions());
  }

  /** The share of the totals that is in the tensors of one group. */
  public Totals totals(int group, int[] kept) {
    Totals sum = NOTHING;
    for (int t : tensorsOf.get(group)) {
      sum = sum.plus(ofTensor(t, kept));
    }
    return sum;
  }

  /** Bytes of all weights held in some precision. */
  public Cost flash(Precision precision) {
    List<SizedTensor> held =
        tensors.stream()
            .map(t ->
                new SizedTensor(
                    t.name(), t.shape(), precision.bytes(t.shape().length), t.positions()))
            .toList();
    return new SizeModel(held, groups).cost(Measure.BYTES);
  }

  /** Bytes of the activations that are alive at once, empty where shapes are not known. */
  public Optional<Cost> ram(Precision precision) {
    return activations.map(elements ->
        new Cost() {
          @Override
          public long of(int[] kept) {
            return precision.bytes() * elements.of(kept);
          }

          @Override
          public long part(int group, int[] kept) {
            return precision.bytes() * elements.part(group, kept);
          }
        });
  }

  /** Channels of each group before folding. */
  public int[] widths() {
    return widths.clone();
  }

  /** Channels of all groups before folding. */
  public long channels() {
    return Arrays.stream(widths).asLongStream().sum();
  }

  /** One of the totals as a cost. */
  public Cost cost(Measure measure) {
    return new Cost() {
      @Override
      public long of(int[] kept) {
        return totals(kept).of(measure);
      }

      @Override
      public long part(int group, int[] kept) {
        return totals(group, kept).of(measure);
      }
    };
  }
}
