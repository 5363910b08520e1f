package dev.pleat.core.fold;

import dev.pleat.core.cluster.GramMatrix;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What channels do on the inputs that the layers that read them are fitted to.
 *
 * @param covariances of the channels of each group, empty where they are not known
 * @param advantage channels go instead of merging where the readers lose less than so many times
 *     what they lose by merging; infinite where they always go
 */
public record Activity(List<Optional<GramMatrix>> covariances, double advantage) {
  /**
   * Inputs that are made are not quite those that come, and merging loses a little more than is
   * reckoned, so what is about as good is left alone.
   */
  public static final double CLEAR = 0.9;

  /** Nothing is known. */
  public static Activity unknown(int groups) {
    return new Activity(Collections.nCopies(groups, Optional.empty()), CLEAR);
  }

  /** Of one group. */
  Optional<GramMatrix> of(int group) {
    return covariances.get(group);
  }

  /**
   * Of fewer channels.
   *
   * @param left the channels that are left of each group
   */
  Activity of(List<int[]> left) {
    return new Activity(
        IntStream.range(0, left.size())
            .mapToObj(g -> of(g).map(known -> known.submatrix(left.get(g))))
            .toList(),
        advantage);
  }
}
