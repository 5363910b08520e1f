package dev.pleat.onnx.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How many inputs a network takes at once.
 *
 * @param fixed the number, empty where it takes any
 * @param whole inputs that are no batch but the same for all, such as the state that a recurrent
 *     layer begins with: their first size is fixed to more than 1 where that of others is open
 */
public record InputBatch(OptionalInt fixed, Set<String> whole) {

  /** What a network's inputs tell. */
  public static InputBatch of(List<TensorType> inputs) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    for (TensorType input : inputs) {
      if (input.shape().length > 0) {
        sizes.put(input.name(), input.shape()[0]);
      }
    }
    return of(sizes);
  }

  /**
   * What first sizes tell.
   *
   * @param sizes by input, in the network's order; not positive where they are open
   */
  public static InputBatch of(Map<String, Long> sizes) {
    List<Long> fixed = sizes.values().stream().filter(size -> size > 0).toList();
    if (fixed.isEmpty()) {
      return new InputBatch(OptionalInt.empty(), Set.of());
    }
    if (fixed.size() == sizes.size()) {
      return new InputBatch(OptionalInt.of(Math.toIntExact(fixed.getFirst())), Set.of());
    }
    Set<String> whole =
        sizes.entrySet().stream()
            .filter(entry -> entry.getValue() > 1)
            .map(Map.Entry::getKey)
            .collect(Collectors.toUnmodifiableSet());
    return new InputBatch(OptionalInt.of(1), whole);
  }
}
