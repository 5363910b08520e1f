package dev.pleat.llm.run;

import dev.pleat.core.fold.Progress;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Lets a model write: text that it makes itself is what it knows of its training data. All
 * sequences grow together, as one batch; an end token ends none of them.
 *
 * @param model stays open as long as it writes
 * @param start the token that every sequence begins with
 */
public record TextWriter(LanguageModel model, int start) {

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

  /** Writes sequences as above, with a step of the progress for each further token of all. */
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
    if (length > 1) {
      grow(written, samplers, progress);
    }
    return List.of(written);
  }

  private void grow(int[][] written, Sampler[] samplers, Progress progress) {
    long began = System.nanoTime();
    int[][] starts = Arrays.stream(written).map(row -> Arrays.copyOf(row, 1)).toArray(int[][]::new);
    int vocabulary = model.vocabulary();
    try (LanguageModel.Decoding decoding = model.decode(new Batch(starts))) {
      for (int at = 1; at < written[0].length; at++) {
        float[] logits = decoding.logits();
        int[] next = new int[written.length];
        for (int s = 0; s < next.length; s++) {
          next[s] = samplers[s].draw(logits, s * vocabulary, vocabulary);
          written[s][at] = next[s];
        }
        if (at + 1 < written[0].length) {
          decoding.add(next);
        }
        progress.step(
            "%.0f tokens a second"
                .formatted(1e9 * at * written.length / Math.max(1, System.nanoTime() - began)));
      }
    }
  }
}
