package dev.pleat.core.report;

/**
 * How alike channels of a group are: cell (r, c) is the correlation of the features of channels r
 * and c, the cosine of what sets them apart from the mean of all channels. Symmetric. Of wide
 * groups only a corner is kept.
 *
 * @param channels of the group
 * @param side channels that are shown, at most {@value #MOST}
 * @param cells side×side, row-major; 127 is a correlation of 1, −127 of −1
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record SimilarityMap(int channels, int side, byte[] cells) {
  /** The largest side. */
  public static final int MOST = 64;
}
