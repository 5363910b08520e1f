package dev.pleat.onnx.text;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Sequences of tokens as a network gets them in use: of many lengths, filled up and masked where it
 * has a mask. Their tokens are passages of a text, or drawn evenly from the vocabulary.
 */
public final class TokenSequences {
  /** An input that looks up so few rows tells kinds of tokens apart and not tokens. */
  private static final int MOST_KINDS = 4;

  /** Fewer tokens say nothing. */
  private static final int SHORTEST = 8;

  /** One sequence of so many is as long as it can be. */
  private static final int FULL = 4;

  private final long seed;
  private final int count;
  private final Map<String, Integer> vocabularies;
  private final Optional<TokenText> text;
  private final boolean filledUp;

  /**
   * Sequences for a network.
   *
   * @param seed the same seed gives the same sequences
   * @param count how many there are in all
   * @param vocabularies rows of the table that each input looks up, by input
   * @param text what their tokens are taken from, where there is one
   * @param filledUp whether the network has a mask, so that sequences may be shorter than its input
   */
  public TokenSequences(
      long seed,
      int count,
      Map<String, Integer> vocabularies,
      Optional<TokenText> text,
      boolean filledUp) {
    this.seed = seed;
    this.count = count;
    this.vocabularies = vocabularies;
    this.text = text;
    this.filledUp = filledUp;
  }

  /** Whether an input tells which tokens of a sequence count. */
  public static boolean isMask(String input) {
    return input.toLowerCase(Locale.ROOT).contains("mask");
  }

  /** Whether an input holds numbers of tokens. */
  public boolean hasTokens(String input) {
    return vocabularies.containsKey(input);
  }

  /**
   * What one input gets.
   *
   * @param input its name
   * @param entry which sequence, 0 to count - 1
   * @param usual values that the network runs on, as many as are wanted
   * @param isSequence whether these are one sequence
   */
  public long[] row(String input, int entry, long[] usual, boolean isSequence) {
    int vocabulary = vocabularies.getOrDefault(input, 0);
    int length = isSequence && filledUp ? length(entry, usual.length) : usual.length;
    if (isSequence && isMask(input)) {
      return Arrays.copyOf(Arrays.copyOf(usual, length), usual.length);
    }
    if (isSequence && input.toLowerCase(Locale.ROOT).contains("position")) {
      long[] positions = new long[usual.length];
      Arrays.setAll(positions, i -> i);
      return positions;
    }
    if (vocabulary == 0) {
      return usual;
    }
    if (vocabulary <= MOST_KINDS) {
      return new long[usual.length];
    }
    Optional<TokenText> read =
        text.filter(t -> isSequence && t.largest() < vocabulary && t.tokens().length > 0);
    long[] tokens =
        read.map(t -> t.passage(entry, count, usual.length, length))
            .orElseGet(() -> drawn(input, entry, vocabulary, length));
    long[] row = Arrays.copyOf(tokens, usual.length);
    Arrays.fill(
        row,
        Math.min(tokens.length, row.length),
        row.length,
        read.map(TokenText::padding).orElse(0));
    return row;
  }

  private long[] drawn(String input, int entry, int vocabulary, int length) {
    SplittableRandom random = random(seed, input, entry);
    long[] tokens = new long[length];
    Arrays.setAll(tokens, i -> random.nextInt(vocabulary));
    return tokens;
  }

  /** The same share of every input of a sequence. */
  private int length(int entry, int longest) {
    double share = entry % FULL == 0 ? 1 : random(seed, "length", entry).nextDouble();
    int shortest = Math.min(SHORTEST, longest);
    return shortest + (int) Math.round(share * (longest - shortest));
  }

  /** A stream of numbers of every entry's own, so that it does not depend on the batch. */
  public static SplittableRandom random(long seed, String input, int entry) {
    return new SplittableRandom(seed ^ input.hashCode() ^ (0x9E3779B97F4A7C15L * (entry + 1)));
  }
}
