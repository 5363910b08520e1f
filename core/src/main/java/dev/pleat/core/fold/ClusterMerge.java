package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.Mixing;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Normalization;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Merges every slot of every group. With approximate repair, the members of a cluster are first
 * brought to unit variance where a batch normalisation follows directly, and its running variance
 * is set to what the weights predict for their mean.
 */
final class ClusterMerge {
  /** Elements of a tensor that others may be merged beside. */
  private static final long AT_ONCE = 1L << 28;

  private final TensorStore store;
  private final TensorStore compared;
  private final Optional<TensorStore> unread;
  private final boolean approximate;
  private final Stopwatch watch;

  /**
   * A merge.
   *
   * @param compared what {@link ApproximateRepair} compares rows of
   */
  ClusterMerge(
      TensorStore store,
      TensorStore compared,
      Optional<TensorStore> unread,
      boolean approximate,
      Stopwatch watch) {
    this.store = store;
    this.compared = compared;
    this.unread = unread;
    this.approximate = approximate;
    this.watch = watch;
  }

  /** Variance ratio of a group as the weights predict it, without and with the repair. */
  record Ratios(double before, double after) {}

  /** Merges in place. */
  Ratios[] merge(List<ChannelGroup> groups, List<Mixing> mixings) {
    Ratios[] ratios = new Ratios[groups.size()];
    Map<String, List<AxisMerge.Part>> edits = new TreeMap<>();
    watch.time(
        "repair",
        () -> {
          for (int g = 0; g < ratios.length; g++) {
            ratios[g] = plan(groups.get(g), mixings.get(g), edits);
          }
          return ratios;
        });
    return watch.time(
        "merge",
        () -> {
          apply(store, unread, edits);
          return ratios;
        });
  }

  /** Merges in place without any repair, clusters of one channel too. */
  static void merge(
      TensorStore store,
      Optional<TensorStore> unread,
      List<ChannelGroup> groups,
      List<Clustering> clusterings) {
    Map<String, List<AxisMerge.Part>> edits = new TreeMap<>();
    for (int g = 0; g < groups.size(); g++) {
      add(groups.get(g), Mixing.mean(clusterings.get(g)), Map.of(), edits);
    }
    apply(store, unread, edits);
  }

  private Ratios plan(ChannelGroup group, Mixing mixing, Map<String, List<AxisMerge.Part>> edits) {
    if (mixing.clustering().count() == group.width()) {
      return new Ratios(1, 1);
    }
    ApproximateRepair repair = new ApproximateRepair(group, mixing, store, compared);
    Map<String, double[]> scales = new HashMap<>();
    List<Ratios> ratios = new ArrayList<>();
    double[] ones = new double[group.width()];
    Arrays.fill(ones, 1);
    for (Normalization normalization : group.normalizations()) {
      double[] deviations = repair.deviations(normalization);
      double[] factor = new double[deviations.length];
      boolean rescale = approximate && !normalization.producers().isEmpty();
      Arrays.setAll(factor, i -> rescale ? 1 / deviations[i] : 1);
      double[] predicted = repair.variances(normalization, deviations, factor);
      if (rescale) {
        scales.put(normalization.mean().tensor(), factor);
        normalization.producers().forEach(slot -> scales.put(slot.tensor(), factor));
        normalization.producerBiases().forEach(slot -> scales.put(slot.tensor(), factor));
      }
      if (approximate) {
        repair.setVariance(normalization, predicted);
      }
      double[] naive = rescale ? repair.variances(normalization, deviations, ones) : predicted;
      ratios.add(
          new Ratios(
              repair.ratio(naive, deviations, false),
              repair.ratio(predicted, deviations, approximate)));
    }
    if (group.normalizations().isEmpty()) {
      double[] collapse = repair.ratiosOfRows();
      boolean restore = approximate && ApproximateRepair.isUnnormalizedConvolution(group, store);
      if (restore) {
        double[] amplitudes = repair.amplitudes(collapse);
        group.slots(Role.PRODUCER).forEach(slot -> scales.put(slot.tensor(), amplitudes));
      }
      double before = repair.mean(collapse);
      ratios.add(new Ratios(before, restore ? 1 : before));
    }
    add(group, mixing, scales, edits);
    return new Ratios(
        ratios.stream().mapToDouble(Ratios::before).average().orElse(1),
        ratios.stream().mapToDouble(Ratios::after).average().orElse(1));
  }

  private static void add(
      ChannelGroup group,
      Mixing mixing,
      Map<String, double[]> scales,
      Map<String, List<AxisMerge.Part>> edits) {
    double[] ones = new double[group.width()];
    Arrays.fill(ones, 1);
    Set<String> normalising =
        group.normalizations().stream()
            .flatMap(n -> Stream.of(n.scale().tensor(), n.bias().tensor()))
            .collect(Collectors.toSet());
    for (Slot slot : group.slots()) {
      double[] scale = scales.getOrDefault(slot.tensor(), ones);
      double[][] weights =
          switch (slot.role()) {
            case PRODUCER, STATISTIC -> mixing.made();
            case PER_CHANNEL ->
                normalising.contains(slot.tensor()) ? mixing.made() : mixing.scaled();
            case CONSUMER -> mixing.read();
          };
      edits
          .computeIfAbsent(slot.tensor(), t -> new ArrayList<>())
          .add(
              new AxisMerge.Part(
                  slot, mixing, weights, slot.role() == Role.CONSUMER ? ones : scale));
    }
  }

  private static void apply(
      TensorStore store, Optional<TensorStore> unread, Map<String, List<AxisMerge.Part>> edits) {
    Stream<Map.Entry<String, List<AxisMerge.Part>>> all = edits.entrySet().stream();
    boolean large = edits.keySet().stream().anyMatch(name -> isLarge(store.shape(name)));
    (large ? all : all.parallel())
        .forEach(edit -> {
          apply(store, edit.getKey(), edit.getValue());
          unread.ifPresent(other -> apply(other, edit.getKey(), made(edit.getValue())));
        });
  }

  /** Of the largest tensors there is room for one at a time, as it was and as it becomes. */
  private static boolean isLarge(int[] shape) {
    return Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact) > AT_ONCE;
  }

  /** The parts that do not read channels. */
  private static List<AxisMerge.Part> made(List<AxisMerge.Part> parts) {
    return parts.stream().filter(part -> part.slot().role() != Role.CONSUMER).toList();
  }

  private static void apply(TensorStore store, String name, List<AxisMerge.Part> parts) {
    if (parts.isEmpty()) {
      return;
    }
    Tensor tensor = store.read(name);
    Map<Integer, List<AxisMerge.Part>> axes = new TreeMap<>();
    for (AxisMerge.Part part : parts) {
      axes.computeIfAbsent(part.slot().axis(), a -> new ArrayList<>()).add(part);
    }
    for (List<AxisMerge.Part> axis : axes.values()) {
      tensor = AxisMerge.merge(tensor, axis);
    }
    store.write(name, tensor);
  }
}
