package dev.pleat.llm.text;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.text.SampleText;
import dev.pleat.onnx.text.TokenText;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/** Passages of the text of many kinds that comes with Pleat, as an encoder reads them. */
public final class SamplePassages {
  private SamplePassages() {}

  /**
   * Passages of one length that lie evenly over the text, each begun and ended as the tokenizer
   * begins and ends texts, in random order: any part of them is of all kinds.
   *
   * @param directory of the model, which holds its tokenizer
   * @param vocabulary tokens of the model
   * @param length tokens of a passage, fewer only where the whole text has fewer
   * @param most how many there are, fewer where they would overlap
   * @param seed of their order
   * @throws PleatException when there is no tokenizer, or none that can be used for this model
   */
  public static int[][] of(Path directory, int vocabulary, int length, int most, long seed) {
    TokenText text = read(directory);
    if (text.largest() >= vocabulary) {
      throw new PleatException(
          "%s: gives token %d, and the model has %d; copy the tokenizer's files of the original model"
              .formatted(text.tokenizer(), text.largest(), vocabulary));
    }
    int own = Math.max(1, length - text.before().length - text.after().length);
    int[][] passages = new int[Math.clamp(text.tokens().length / own, 1, most)][];
    for (int p = 0; p < passages.length; p++) {
      passages[p] =
          LongStream.of(text.passage(p, passages.length, length, length))
              .mapToInt(Math::toIntExact)
              .toArray();
    }
    shuffle(passages, new SplittableRandom(seed));
    return passages;
  }

  private static TokenText read(Path directory) {
    try (Tokenizer tokenizer = Tokenizer.open(directory)) {
      Tokenizer.Frame frame = tokenizer.frame();
      return new TokenText(
          directory.resolve(Tokenizer.FILE),
          frame.before(),
          tokenizer.encode(SampleText.text()),
          frame.after(),
          0);
    }
  }

  private static void shuffle(int[][] passages, SplittableRandom random) {
    for (int p = passages.length - 1; p > 0; p--) {
      int other = random.nextInt(p + 1);
      int[] passage = passages[p];
      passages[p] = passages[other];
      passages[other] = passage;
    }
  }
}
