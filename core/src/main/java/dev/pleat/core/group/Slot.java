package dev.pleat.core.group;

/**
 * One tensor axis of a channel group.
 *
 * <p>{@code channels[p]} is the channel at position p of the axis, or −1 where the position belongs
 * to no channel of this group (another group's block of a concatenation). A channel may occupy
 * several positions: height × width of them after a flatten, one in each half of a gated layer.
 * Every channel of the group occupies the same number, and their ascending order says which
 * corresponds to which.
 *
 * <p>With {@code partitions} G &gt; 1 the tensor is the weight of a grouped layer: axis 0 falls
 * into G equal chunks, and position p = g·size + j of this slot is index j of the axis within chunk
 * g.
 *
 * @param tensor the tensor's name
 * @param axis the axis, from 0
 * @param role what it does with the channels
 * @param channels channel of each position, length partitions × axis size
 * @param partitions chunks of axis 0, 1 for an ordinary slot
 */
public record Slot(String tensor, int axis, Role role, int[] channels, int partitions) {

  /** How many positions each channel occupies. */
  public int occurrences(int width) {
    int used = 0;
    for (int channel : channels) {
      if (channel >= 0) {
        used++;
      }
    }
    return used / width;
  }

  /** Positions of each channel, ascending: {@code [width][occurrences]}. */
  public int[][] positions(int width) {
    int[][] positions = new int[width][occurrences(width)];
    int[] filled = new int[width];
    for (int p = 0; p < channels.length; p++) {
      int channel = channels[p];
      if (channel >= 0) {
        positions[channel][filled[channel]++] = p;
      }
    }
    return positions;
  }

  @Override
  public String toString() {
    return "%s[%d] %s".formatted(tensor, axis, role.name().toLowerCase(java.util.Locale.ROOT));
  }
}
