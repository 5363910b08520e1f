package dev.pleat.onnx.text;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * A text as the tokens of a model.
 *
 * @param tokenizer the file that says which they are
 * @param before tokens that stand before a text
 * @param tokens those of the text
 * @param after tokens that stand behind a text
 * @param padding the token that fills a sequence up
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record TokenText(Path tokenizer, int[] before, int[] tokens, int[] after, int padding) {

  /** The largest of all its tokens. */
  public int largest() {
    int largest = padding;
    for (int[] part : new int[][] {before, tokens, after}) {
      largest = Math.max(largest, Arrays.stream(part).max().orElse(0));
    }
    return largest;
  }

  /**
   * A passage with what stands before and behind it.
   *
   * @param at which passage of all
   * @param of how many passages lie evenly over the text, 1 or more
   * @param spacing tokens of the longest passage: how far its beginning is from the text's end
   * @param length tokens in all
   * @return as many tokens, fewer only where the text is too short
   */
  public long[] passage(int at, int of, int spacing, int length) {
    int frame = before.length + after.length;
    int longest = Math.clamp(spacing - frame, 0, tokens.length);
    int start = (int) ((long) at * (tokens.length - longest) / Math.max(1, of - 1));
    int end = start + Math.clamp(length - frame, 0, longest);
    long[] passage = new long[end - start + frame];
    for (int i = 0; i < passage.length; i++) {
      int inText = i - before.length;
      passage[i] =
          inText < 0
              ? before[i]
              : inText < end - start ? tokens[start + inText] : after[inText - (end - start)];
    }
    return passage;
  }
}
