package dev.pleat.llm.run;

import dev.pleat.core.fold.Progress;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Lets a model write: text that it makes itself is what it knows of its training data. From its
 * beginning token alone it would mostly write what its last training was about. So every second
 * sequence goes on with a token that is drawn evenly from the likelier half of the vocabulary, each
 * from a part of its own. Some sequences grow together, as one batch; an end token ends none of
 * them.
 *
 * @param model stays open as long as it writes
 * @param start the token that every sequence begins with
 */
public record TextWriter(LanguageModel model, int start) {
  /** Four times as many are a third faster, and their keys and values fill gibibytes. */
  private static final int AT_ONCE = 16;

  /**
   * Writes sequences. The same arguments give the same tokens.
   *
   * @param sequences how many, at least 1
   * @param length tokens of each, the start included; 1 to what the model was made for
   * @param temperature above 0; 1 is what the model was trained at
   * @param seed seed of all draws; every sequence draws by itself
   * @return {@code sequences} arrays of {@code length} tokens
   */
  public List<int[]> write(int sequences, int length, double temperature, long seed) {
    return write(sequences, length, temperature, seed, Progress.SILENT);
  }

  /** Steps of the progress while sequences are written. */
  public static int steps(int sequences, int length) {
    return Math.ceilDiv(sequences, AT_ONCE) * (length - 1);
  }

  /** Writes sequences as above, with {@link #steps} of the progress. */
  public List<int[]> write(
      int sequences, int length, double temperature, long seed, Progress progress) {
    if (sequences < 1 || length < 1 || length > model.context() || !(temperature > 0)) {
      throw new IllegalArgumentException(
          "%d sequences of %d tokens at temperature %s, context %d"
              .formatted(sequences, length, temperature, model.context()));
    }
    int[][] written = new int[sequences][length];
    SplittableRandom root = new SplittableRandom(seed);
    Sampler[] samplers = new Sampler[sequences];
    for (int s = 0; s < sequences; s++) {
      written[s][0] = start;
      samplers[s] = new Sampler(root.split(), temperature);
    }
    long began = System.nanoTime();
    for (int from = 0; length > 1 && from < sequences; from += AT_ONCE) {
      grow(written, samplers, from, Math.min(sequences, from + AT_ONCE), began, progress);
    }
    return List.of(written);
  }

  private void grow(
      int[][] written, Sampler[] samplers, int from, int to, long began, Progress progress) {
    int[][] starts = new int[to - from][];
    Arrays.setAll(starts, s -> new int[] {start});
    int vocabulary = model.vocabulary();
    try (LanguageModel.Decoding decoding = model.decode(new Batch(starts))) {
      int length = written[0].length;
      for (int at = 1; at < length; at++) {
        float[] logits = decoding.logits();
        int[] next = new int[to - from];
        IntStream.range(0, next.length)
            .parallel()
            .forEach(s -> next[s] = samplers[from + s].draw(logits, s * vocabulary, vocabulary));
        if (at == 1) {
          open(next, Arrays.copyOf(logits, vocabulary), samplers, from);
        }
        for (int s = 0; s < next.length; s++) {
          written[from + s][at] = next[s];
        }
        if (at + 1 < length) {
          decoding.add(next);
        }
        double tokens = (double) from * (length - 1) + (double) at * next.length;
        progress.step(
            "%.0f tokens a second"
                .formatted(1e9 * tokens / Math.max(1, System.nanoTime() - began)));
      }
    }
  }

  /** Replaces every second of the tokens that follow the start, those of sequences from some on. */
  private static void open(int[] next, float[] logits, Sampler[] samplers, int from) {
    int[] likeliest =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted((a, b) -> Float.compare(logits[b], logits[a]))
            .limit(Math.ceilDiv(logits.length, 2))
            .mapToInt(Integer::intValue)
            .toArray();
    int parts = samplers.length / 2;
    for (int s = 1; s < next.length; s += 2) {
      double part = (from + s) / 2 + samplers[from + s].uniform();
      int rank = (int) (part / parts * likeliest.length);
      next[s] = likeliest[Math.min(rank, likeliest.length - 1)];
    }
  }
}
