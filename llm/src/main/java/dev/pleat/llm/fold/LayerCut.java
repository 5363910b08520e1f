package dev.pleat.llm.fold;

import dev.pleat.llm.architecture.Architecture;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which layers of a model a fold removes. Those that stay are numbered anew, from 0.
 *
 * @param before how many there are
 * @param removed numbers from 0 in the original, ascending; at least one stays
 */
record LayerCut(int before, List<Integer> removed) {

  LayerCut {
    removed = removed.stream().distinct().sorted().toList();
    if (removed.size() >= before
        || removed.stream().anyMatch(layer -> layer < 0 || layer >= before)) {
      throw new IllegalArgumentException("%s of %d layers".formatted(removed, before));
    }
  }

  /** All layers stay. */
  static LayerCut none(int layers) {
    return new LayerCut(layers, List.of());
  }

  /** Whether all layers stay. */
  boolean isNone() {
    return removed.isEmpty();
  }

  /** How many stay. */
  int after() {
    return before - removed.size();
  }

  /** Whether a layer stays. */
  boolean keeps(int layer) {
    return !removed.contains(layer);
  }

  /** The number that a layer that stays gets. */
  int number(int layer) {
    return layer - (int) removed.stream().filter(gone -> gone < layer).count();
  }

  /** What stays of a list with one entry for each layer. */
  <T> List<T> of(List<T> each) {
    return IntStream.range(0, each.size()).filter(this::keeps).mapToObj(each::get).toList();
  }

  /**
   * The name that a tensor gets, empty when it goes with its layer.
   *
   * @param family says how tensors of layers are named
   */
  Optional<String> name(String tensor, Architecture family) {
    if (isNone()) {
      return Optional.of(tensor);
    }
    for (String prefix : family.prefixes()) {
      for (int layer = 0; layer < before; layer++) {
        String own = prefix + family.inLayer(layer, "");
        if (tensor.startsWith(own)) {
          return keeps(layer)
              ? Optional.of(
                  prefix + family.inLayer(number(layer), "") + tensor.substring(own.length()))
              : Optional.empty();
        }
      }
    }
    return Optional.of(tensor);
  }

  /** The groups of layers that stay; a family of which none is left goes with them. */
  List<WidthFamily> families(Collection<WidthFamily> families) {
    return families.stream()
        .map(family ->
            family.with(
                family.groups().stream().filter(group -> keeps(WidthFamily.layer(group))).toList()))
        .filter(family -> !family.groups().isEmpty())
        .toList();
  }
}
