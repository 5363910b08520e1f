package dev.pleat.onnx.trace;

import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where a Reshape takes channels apart into several axes, one of them carries the channels on, and
 * those that share an index of it are one channel: a head of attention, a group of a group
 * normalisation, one channel of a shuffle. Which axis that has to be shows later in the graph, so a
 * graph is walked again until no choice turns out to be wrong.
 */
final class Splits {
  /** More walks than any network needs: each settles one more layer of choices. */
  private static final int MOST_WALKS = 8;

  /**
   * An axis that is taken apart.
   *
   * @param node index of the node
   * @param axis the axis of its input
   */
  record Site(int node, int axis) {}

  /** An axis that could carry a site's channels but does not. */
  private record Dormant(Site site, int axis) {}

  private final Map<Site, Integer> choices = new HashMap<>();
  private final Map<Site, List<Integer>> candidates = new HashMap<>();
  private final Map<Site, Set<Integer>> tried = new HashMap<>();
  private int walks;

  // Of the present walk.
  private final Map<Label, Dormant> dormant = new IdentityHashMap<>();
  private final Map<Site, Label> chosen = new LinkedHashMap<>();
  private final Map<Site, Integer> votes = new LinkedHashMap<>();

  /** Begins another walk. */
  void begin() {
    walks++;
    dormant.clear();
    chosen.clear();
    votes.clear();
  }

  /**
   * The axis that carries the channels of a site.
   *
   * @param ranked axes that can, the best guess first
   * @return empty when there is none
   */
  Optional<Integer> choose(Site site, List<Integer> ranked) {
    if (ranked.isEmpty()) {
      return Optional.empty();
    }
    candidates.putIfAbsent(site, ranked);
    int axis = choices.computeIfAbsent(site, s -> ranked.getFirst());
    if (!ranked.contains(axis)) {
      return Optional.empty();
    }
    tried.computeIfAbsent(site, s -> new HashSet<>()).add(axis);
    return Optional.of(axis);
  }

  void chosen(Site site, Label label) {
    chosen.put(site, label);
  }

  /** The labels that carry the channels of sites. */
  List<Label> chosen() {
    return List.copyOf(chosen.values());
  }

  /** A label without channels that stands for an axis that was not chosen. */
  Label dormant(Site site, int axis) {
    Label label = new Label(new int[0]);
    dormant.put(label, new Dormant(site, axis));
    return label;
  }

  /** Channels met an axis without any: if it is one that was not chosen, it should have been. */
  void vote(Label label) {
    Dormant found = dormant.get(label);
    if (found != null) {
      votes.putIfAbsent(found.site, found.axis);
    }
  }

  /**
   * Makes other choices where those of this walk froze channels; false when none is left. Where an
   * axis was asked for, that comes first: what froze may have done so for want of it.
   */
  boolean reconsider(Channels channels) {
    if (walks >= MOST_WALKS) {
      return false;
    }
    Map<Site, Integer> changes = new HashMap<>();
    votes.forEach((site, axis) -> {
      if (!isTried(site, axis)) {
        changes.put(site, axis);
      }
    });
    if (changes.isEmpty()) {
      chosen.forEach((site, label) -> {
        if (isFrozen(label, channels)) {
          candidates.getOrDefault(site, List.of()).stream()
              .filter(axis -> !isTried(site, axis))
              .findFirst()
              .ifPresent(axis -> changes.put(site, axis));
        }
      });
    }
    choices.putAll(changes);
    return !changes.isEmpty();
  }

  private boolean isTried(Site site, int axis) {
    return tried.getOrDefault(site, Set.of()).contains(axis);
  }

  private static boolean isFrozen(Label label, Channels channels) {
    for (int id : label.ids()) {
      if (id != Label.FIXED && !channels.reason(id).isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
