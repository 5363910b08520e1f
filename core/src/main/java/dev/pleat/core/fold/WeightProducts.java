package dev.pleat.core.fold;

import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.tensor.TensorStore;
import java.util.List;
import java.util.function.Predicate;

/** Inner products of a group's weights alone; biases and statistics are no weights. */
final class WeightProducts {
  private WeightProducts() {}

  /** The slots of weights in some roles. */
  static List<Slot> slots(ChannelGroup group, Predicate<Role> roles, TensorStore store) {
    return group.slots().stream()
        .filter(slot -> roles.test(slot.role()) && store.shape(slot.tensor()).length > 1)
        .toList();
  }

  /**
   * The Gram matrix of the weights in some roles.
   *
   * @param workers threads to use
   */
  static GramMatrix of(ChannelGroup group, Predicate<Role> roles, TensorStore store, int workers) {
    return GramMatrix.of(
        new SlotFeatures(group.width(), slots(group, roles, store), store),
        BlasProvider.shared(),
        workers);
  }
}
