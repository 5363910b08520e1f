package dev.pleat.llm.eval;

import dev.pleat.core.PleatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A piece of a document that is read at once.
 *
 * @param tokens what is read
 * @param from the first token that is judged, by those before it; at least 1
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record TokenWindow(int[] tokens, int from) {

  /** Number of tokens that are judged. */
  int judged() {
    return tokens.length - from;
  }

  /**
   * The windows of a document: each {@code stride} further than the one before. A token is judged
   * in the first window that holds it, but not where it is the first of the window.
   *
   * @param context most tokens of a window, at least 2
   * @param stride from one window to the next, 1 to {@code context}
   */
  static List<TokenWindow> of(int[] document, int context, int stride) {
    if (context < 2 || stride > context) {
      throw new PleatException(
          "--context %d and --stride %d: windows of at least 2 tokens that leave none out are needed"
              .formatted(context, stride));
    }
    List<TokenWindow> windows = new ArrayList<>();
    int known = 0;
    for (int begin = 0; known < document.length; begin += stride) {
      int end = Math.min(document.length, begin + context);
      int from = Math.max(1, known - begin);
      if (end - begin > from) {
        windows.add(new TokenWindow(Arrays.copyOfRange(document, begin, end), from));
      }
      known = end;
    }
    return windows;
  }
}
