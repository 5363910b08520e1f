package dev.pleat.llm.repair;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.llm.blueprint.Blueprint;
import dev.pleat.llm.run.Batch;
import dev.pleat.llm.run.LanguageModel;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.run.StartToken;
import dev.pleat.llm.run.TextWriter;
import dev.pleat.llm.text.Documents;
import dev.pleat.llm.text.SamplePassages;
import dev.pleat.llm.text.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens that a model is run on while its folded layers are fitted.
 *
 * @param batch the tokens
 * @param description what they are, in one line
 */
public record CalibrationText(Batch batch, String description) {
  private static final Logger LOG = LoggerFactory.getLogger(CalibrationText.class);

  private static final int SEQUENCES = 64;
  private static final int FEWEST_SEQUENCES = 16;
  private static final int LENGTH = 312;
  private static final double TEMPERATURE = 1;

  /** Tokens of a text that an encoder reads. */
  private static final int PASSAGE = 64;

  /**
   * Parameters times tokens that are affordable: some minutes on a small machine, where a token
   * passes through the model once while it is written and about three times while it is fitted to.
   */
  private static final double MOST_WORK = 3e12;

  /**
   * Refuses a model that cannot write any, before it is asked to.
   *
   * @param directory says which token a text begins with
   * @throws PleatException as {@link #written} does
   */
  public static void requireWriter(Model model, Path directory) {
    StartToken.of(directory);
    model.requireHead();
  }

  /**
   * Text that the model writes itself: 64 sequences of at most 312 tokens, fewer by a large model,
   * but 16. The whole model is in memory meanwhile.
   *
   * @param directory says which token a text begins with
   * @param parameters of the model
   * @param seed of all draws
   * @param threads threads to use; the text does not depend on it
   * @param progress hears of a stage named text
   * @throws PleatException when the model is an encoder, or its configuration names no token to
   *     begin with
   */
  public static CalibrationText written(
      Model model, Path directory, long parameters, long seed, int threads, Progress progress) {
    int start = StartToken.of(directory);
    try (LanguageModel open = LanguageModel.open(model, threads);
        ForkJoinPool pool = new ForkJoinPool(threads)) {
      int length = Math.min(LENGTH, open.context());
      int sequences = sequences(parameters);
      progress.begin("text", Math.max(1, TextWriter.steps(sequences, length)));
      List<int[]> written =
          pool.submit(() ->
                  new TextWriter(open, start).write(sequences, length, TEMPERATURE, seed, progress))
              .join();
      Batch batch = new Batch(written.toArray(int[][]::new));
      return new CalibrationText(
          batch, "%d tokens that the model wrote itself".formatted(batch.rows()));
    }
  }

  /**
   * Text for an encoder, which writes none: passages of the one that comes with Pleat, or random
   * tokens where no tokenizer reads it.
   *
   * @param directory of the model, which holds its tokenizer
   * @param parameters of the model
   * @param seed of the order of the passages, or of the tokens
   */
  public static CalibrationText sample(
      Blueprint blueprint, Path directory, long parameters, long seed) {
    int length = Math.min(PASSAGE, blueprint.context());
    int most = sequences(parameters) * LENGTH / length;
    int vocabulary = blueprint.vocabulary();
    try {
      Batch batch = new Batch(SamplePassages.of(directory, vocabulary, length, most, seed));
      return new CalibrationText(
          batch, "%d tokens of the text that comes with Pleat".formatted(batch.rows()));
    } catch (PleatException e) {
      LOG.warn("{}; random tokens are used instead of text", e.getMessage());
      return random(vocabulary, length, most, seed);
    }
  }

  private static CalibrationText random(int vocabulary, int length, int sequences, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[][] tokens = new int[sequences][length];
    for (int[] sequence : tokens) {
      Arrays.setAll(sequence, i -> random.nextInt(vocabulary));
    }
    Batch batch = new Batch(tokens);
    return new CalibrationText(batch, "%d random tokens".formatted(batch.rows()));
  }

  private static int sequences(long parameters) {
    return (int) Math.clamp(MOST_WORK / LENGTH / parameters, FEWEST_SEQUENCES, SEQUENCES);
  }

  /**
   * The beginning of a text file, as many tokens as the model would write itself.
   *
   * @param parameters of the model
   * @param directory of the model, which holds its tokenizer
   * @param context most tokens of a sequence
   * @throws PleatException when the file or the tokenizer cannot be read, or there are fewer than
   *     two tokens
   */
  public static CalibrationText read(Path file, Path directory, long parameters, int context) {
    int[] tokens;
    try (Tokenizer tokenizer = Tokenizer.open(directory)) {
      tokens =
          Documents.read(file).stream()
              .flatMapToInt(document -> Arrays.stream(tokenizer.encodeDocument(document)))
              .limit((long) sequences(parameters) * LENGTH)
              .toArray();
    }
    if (tokens.length < 2) {
      throw new PleatException(
          "--data %s: has %d token, at least 2 are needed to fit anything; give a longer text"
              .formatted(file, tokens.length));
    }
    int length = Math.min(tokens.length, Math.min(LENGTH, context));
    int[][] sequences =
        IntStream.range(0, tokens.length / length)
            .mapToObj(s -> Arrays.copyOfRange(tokens, s * length, (s + 1) * length))
            .toArray(int[][]::new);
    Batch batch = new Batch(sequences);
    return new CalibrationText(
        batch, "%d tokens of %s".formatted(batch.rows(), file.getFileName()));
  }
}
