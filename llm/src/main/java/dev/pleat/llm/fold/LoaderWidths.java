package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.llm.architecture.ModelFacts.HeadSizes;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The widths that loaders and their kernels like, or accept at all. */
public final class LoaderWidths {
  private LoaderWidths() {}

  /**
   * The multiple that a feed-forward width is rounded up to: 256 from 4096 neurons on, 64 from 512
   * on, else 8.
   *
   * @param width before folding
   */
  public static int multiple(int width) {
    if (width >= 4096) {
      return 256;
    }
    return width >= 512 ? 64 : 8;
  }

  /**
   * The number of key/value heads that are left.
   *
   * @param ratio share to remove, in [0, 1)
   * @param hidden the hidden size
   * @param divides whether loaders want the hidden size to be a multiple of the query heads
   * @throws PleatException when loaders do not accept the number; the message has the nearest
   */
  static int heads(HeadSizes heads, double ratio, int hidden, boolean divides) {
    int kept = Math.max(1, (int) Math.round(heads.keyValue() * (1 - ratio)));
    if (!divides || kept == heads.keyValue() || hidden % (kept * heads.perGroup()) == 0) {
      return kept;
    }
    String nearest =
        IntStream.rangeClosed(1, heads.keyValue())
            .filter(k -> hidden % (k * heads.perGroup()) == 0)
            .boxed()
            .sorted(Comparator.comparingInt(k -> Math.abs(k - kept)))
            .limit(2)
            .map(k -> "%s (%d of %d)".formatted(share(k, heads), k, heads.keyValue()))
            .collect(Collectors.joining(" and "));
    throw new PleatException(
        "--heads %s leaves %d key/value heads with %d query heads, but loaders want the hidden size %d to be a multiple of the query heads; the nearest are --heads %s"
            .formatted(ratio, kept, kept * heads.perGroup(), hidden, nearest));
  }

  private static String share(int kept, HeadSizes heads) {
    String share = String.format(Locale.ROOT, "%.4f", 1 - (double) kept / heads.keyValue());
    return share.replaceAll("\\.?0+$", "");
  }
}
