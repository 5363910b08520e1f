package dev.pleat.core.fold;

import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.group.ChannelGroup;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What channels do on the inputs that the layers that read them are fitted to.
 *
 * @param covariances of the channels of each group, empty where they are not known
 * @param goes whether channels always go instead of merging; else where the layers that read them
 *     lose less by that
 */
public record Activity(List<Optional<GramMatrix>> covariances, boolean goes) {

  /** Choosing among more channels takes too long for a group that is folded again and again. */
  private static final int WIDEST = 4096;

  /** Variances that single precision still tells apart, and that it can multiply. */
  private static final double SMALLEST = 1e-24;

  private static final double LARGEST = 1e24;

  /** Nothing is known. */
  public static Activity unknown(int groups) {
    return new Activity(Collections.nCopies(groups, Optional.empty()), false);
  }

  /** Of one group. */
  Optional<GramMatrix> of(int group) {
    return covariances.get(group);
  }

  /**
   * Of one group, where it can be chosen by it which channels stay.
   *
   * @param index of the group
   * @param group as it is now, of as many channels as are known
   */
  Optional<GramMatrix> toChooseBy(int index, ChannelGroup group) {
    return of(index)
        .filter(known -> group.kind() == ChannelGroup.Kind.UNIT && group.partitions() == 1)
        .filter(known -> known.size() <= WIDEST && isUsual(known.trace()));
  }

  /** Whether squares of it neither vanish nor overflow in single precision. */
  private static boolean isUsual(double variance) {
    return variance > SMALLEST && variance < LARGEST;
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
        goes);
  }
}
