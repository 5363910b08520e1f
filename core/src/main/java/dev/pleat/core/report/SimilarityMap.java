package dev.pleat.core.report;

/**
 * How alike the channels of a group are, on a grid that is small enough to look at: cell (r, c) is
 * the mean cosine similarity between the channels of strip r and those of strip c, a channel with
 * itself left out where there is another pair. Symmetric.
 *
 * @param channels how many channels were compared
 * @param side rows and columns of the grid, in [1, {@value #MOST}]
 * @param cells side×side, row-major; 127 is a cosine of 1, −127 of −1
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record SimilarityMap(int channels, int side, byte[] cells) {
  /** The largest side. */
  public static final int MOST = 64;
}
