package dev.pleat.onnx.trace;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Axes along which a value is the same everywhere, because it was expanded, tiled or filled: a mask
 * for every head of attention, say. Such an axis holds no channels of its own, but has as many
 * positions as the channels that it meets, and the number that made it can follow them.
 */
final class Replicas {
  /**
   * An input that holds the sizes of axes.
   *
   * @param followed the label that each element follows, filled as channels are met
   */
  private record Sizes(
      NodeContext node,
      int input,
      List<ShapeElement> elements,
      Label[] followed,
      Optional<long[]> numbers) {}

  private record Replica(Sizes sizes, int element) {}

  private final List<Sizes> all = new ArrayList<>();
  private final Map<Label, Replica> replicas = new IdentityHashMap<>();

  /**
   * Labels for axes that an input's elements make.
   *
   * @param followed the labels that elements follow already
   * @param replicated for each element whether it makes an axis that is the same everywhere
   * @return a label for each such element, {@link Label#NONE} for the others
   */
  Label[] of(
      NodeContext node,
      int input,
      List<ShapeElement> elements,
      Label[] followed,
      boolean[] replicated,
      Optional<long[]> numbers) {
    Sizes sizes = new Sizes(node, input, elements, followed.clone(), numbers);
    all.add(sizes);
    Label[] labels = Value.none(followed.length);
    for (int e = 0; e < labels.length; e++) {
      if (replicated[e]) {
        labels[e] = new Label(new int[0]);
        replicas.put(labels[e], new Replica(sizes, e));
      }
    }
    return labels;
  }

  /** Lets a replicated axis follow channels; false when it is none. */
  boolean follow(Label axis, Label channels) {
    Replica replica = replicas.get(axis);
    if (replica == null) {
      return false;
    }
    Label[] followed = replica.sizes.followed;
    Label known = followed[replica.element];
    followed[replica.element] =
        known.exists() ? replica.sizes.node.unify(known, channels) : channels;
    return true;
  }

  /** Says what every such number follows, once all channels are known. */
  void settle() {
    for (Sizes sizes : all) {
      sizes.node.sizes(sizes.input, sizes.elements, sizes.followed, sizes.numbers);
    }
  }
}
