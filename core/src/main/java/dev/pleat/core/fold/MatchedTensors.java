package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.group.AxisView;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.tensor.TensorStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tensors of a model as they look once some of its groups have merged, in their old shapes: the
 * columns that read a cluster are added up in that of its lowest member and the others are zero,
 * rows and per-channel values of a cluster are their mean. So rows of channels that read different
 * members of one cluster can be compared, and every slot still indexes what it did.
 */
final class MatchedTensors {
  private record Place(int group, Slot slot) {}

  private final TensorStore store;
  private final List<Optional<Clustering>> clusterings = new ArrayList<>();
  private final Map<String, List<Place>> places = new HashMap<>();

  MatchedTensors(TensorStore store, List<ChannelGroup> groups) {
    this.store = store;
    for (int g = 0; g < groups.size(); g++) {
      clusterings.add(Optional.empty());
      for (Slot slot : groups.get(g).slots()) {
        places.computeIfAbsent(slot.tensor(), t -> new ArrayList<>()).add(new Place(g, slot));
      }
    }
  }

  /** Says how a group merges. */
  void set(int group, Clustering clustering) {
    clusterings.set(group, Optional.of(clustering));
  }

  /** Whether it is known how all channels merge that a slot's tensor reads along other axes. */
  boolean isMatched(Slot slot) {
    return places.getOrDefault(slot.tensor(), List.of()).stream()
        .filter(place -> place.slot.role() == Role.CONSUMER && place.slot.axis() != slot.axis())
        .allMatch(place -> clusterings.get(place.group).isPresent());
  }

  /** The tensors of a group, merged as all other groups say. */
  TensorStore without(int group, ChannelGroup own) {
    TensorOverlay view = new TensorOverlay(store);
    own.slots().stream()
        .map(Slot::tensor)
        .distinct()
        .forEach(name -> {
          Tensor tensor = store.read(name);
          for (Place place : places.getOrDefault(name, List.of())) {
            tensor = place.group == group ? tensor : merged(tensor, place);
          }
          view.write(name, tensor);
        });
    return view;
  }

  /** All tensors with the columns that read clusters added up, and nothing else changed. */
  TensorStore read() {
    TensorOverlay view = new TensorOverlay(store);
    places.forEach((name, list) -> {
      Tensor tensor = store.read(name);
      for (Place place : list) {
        tensor = place.slot.role() == Role.CONSUMER ? merged(tensor, place) : tensor;
      }
      view.write(name, tensor);
    });
    return view;
  }

  private Tensor merged(Tensor tensor, Place place) {
    Optional<Clustering> known = clusterings.get(place.group);
    return known.filter(clustering -> !clustering.isIdentity()).isEmpty()
        ? tensor
        : merged(tensor, place.slot, known.get());
  }

  private static Tensor merged(Tensor tensor, Slot slot, Clustering clustering) {
    boolean sums = slot.role() == Role.CONSUMER;
    float[] values = tensor.values().clone();
    AxisView view = AxisView.of(tensor.shape(), slot.axis(), slot.partitions());
    int[][] positions = slot.positions(clustering.channels());
    for (int[] members : clustering.members()) {
      for (int n = 0; members.length > 1 && n < positions[members[0]].length; n++) {
        for (int o = 0; o < view.outer(); o++) {
          for (int r = 0; r < view.run(); r++) {
            int within = o * view.stride() + r;
            double sum = 0;
            for (int i : members) {
              sum += tensor.values()[view.start(positions[i][n]) + within];
            }
            float mean = (float) (sum / members.length);
            for (int i : members) {
              values[view.start(positions[i][n]) + within] = sums ? 0 : mean;
            }
            if (sums) {
              values[view.start(positions[members[0]][n]) + within] = (float) sum;
            }
          }
        }
      }
    }
    return new Tensor(tensor.shape(), values);
  }
}
