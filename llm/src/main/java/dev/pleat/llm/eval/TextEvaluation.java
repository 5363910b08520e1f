package dev.pleat.llm.eval;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.TextReport;
import dev.pleat.llm.request.TextRequest;
import dev.pleat.llm.run.Batch;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LanguageModel;
import dev.pleat.llm.run.LogProbabilities;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.text.Documents;
import dev.pleat.llm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Perplexity: exp of the mean negative log-likelihood of all judged tokens of a text. Every
 * document is encoded by itself, begun as the model's tokenizer begins it; one that is longer than
 * the context is read in windows.
 */
public final class TextEvaluation {
  /** The usual window of published perplexities. */
  private static final int USUAL_CONTEXT = 2048;

  /** Logits that are held at once, 64 MiB of them. */
  private static final int MOST_LOGITS = 1 << 24;

  private final TextRequest request;
  private final Progress progress;

  private TextEvaluation(TextRequest request, Progress progress) {
    this.request = request;
    this.progress = progress;
  }

  /**
   * Measures a model.
   *
   * @throws PleatException when the model or its tokenizer cannot be read or run, the text is too
   *     short, the windows do not fit the model, or the original has another vocabulary
   */
  public static TextReport run(TextRequest request, Progress progress) {
    return new TextEvaluation(request, progress).measure();
  }

  private TextReport measure() {
    List<int[]> documents = tokens();
    try (Checkpoint checkpoint = Checkpoint.open(request.model());
        LanguageModel model = open(checkpoint)) {
      List<TokenWindow> windows = windows(documents, model);
      if (request.against().isEmpty()) {
        return measure(checkpoint, model, Optional.empty(), windows);
      }
      try (Checkpoint other = Checkpoint.open(request.against().get());
          LanguageModel original = open(other)) {
        if (original.vocabulary() != model.vocabulary()) {
          throw new PleatException(
              "--against has %d tokens, the model %d; give the model it was folded from"
                  .formatted(original.vocabulary(), model.vocabulary()));
        }
        return measure(checkpoint, model, Optional.of(original), windows);
      }
    }
  }

  private LanguageModel open(Checkpoint checkpoint) {
    return LanguageModel.open(Model.of(checkpoint, request.description()), request.threads());
  }

  private List<int[]> tokens() {
    List<String> documents = Documents.read(request.text());
    try (Tokenizer tokenizer = Tokenizer.open(request.model())) {
      return documents.stream().map(tokenizer::encodeDocument).toList();
    }
  }

  private List<TokenWindow> windows(List<int[]> documents, LanguageModel model) {
    int context = request.context().orElse(Math.min(USUAL_CONTEXT, model.context()));
    if (context > model.context()) {
      throw new PleatException(
          "--context %d: the model was made for at most %d tokens; give no more"
              .formatted(context, model.context()));
    }
    List<TokenWindow> windows = new ArrayList<>();
    for (int[] document : documents) {
      windows.addAll(TokenWindow.of(document, context, request.stride().orElse(context)));
    }
    if (windows.isEmpty()) {
      throw new PleatException(
          "%s: has fewer than two tokens in each document, so there is nothing to predict; give a longer text"
              .formatted(request.text()));
    }
    return windows;
  }

  private TextReport measure(
      Checkpoint checkpoint,
      LanguageModel model,
      Optional<LanguageModel> original,
      List<TokenWindow> windows) {
    TextTally tally = new TextTally();
    TextTally originals = new TextTally();
    long nanoseconds = 0;
    long read = 0;
    progress.begin("read", windows.size());
    for (TokenWindow window : windows) {
      long start = System.nanoTime();
      Predictions predictions = new Predictions(model, window);
      Optional<Predictions> expected = original.map(o -> new Predictions(o, window));
      int step = Math.max(1, MOST_LOGITS / model.vocabulary());
      for (int at = window.from(); at < window.tokens().length; at += step) {
        int to = Math.min(at + step, window.tokens().length);
        LogProbabilities predicted = predictions.of(at, to);
        judge(window, at, predicted, tally);
        int from = at;
        expected
            .map(e -> e.of(from, to))
            .ifPresent(e -> {
              judge(window, from, e, originals);
              compare(e, predicted, tally);
            });
      }
      nanoseconds += System.nanoTime() - start;
      read += window.tokens().length;
      progress.step();
    }
    return new TextReport(
        request.model().toString(),
        Math.exp(tally.nll()),
        tally.tokens(),
        tally.nll(),
        original.map(o -> Math.exp(originals.nll())),
        original.map(o -> tally.agreement()),
        read * 1e9 / nanoseconds,
        bytes(checkpoint));
  }

  private static void judge(
      TokenWindow window, int at, LogProbabilities predicted, TextTally tally) {
    for (int row = 0; row < predicted.rows(); row++) {
      tally.add(predicted, row, window.tokens()[at + row]);
    }
  }

  private static void compare(
      LogProbabilities original, LogProbabilities predicted, TextTally tally) {
    for (int row = 0; row < predicted.rows(); row++) {
      tally.compare(original, predicted, row);
    }
  }

  /** What a model predicts in one window. */
  private record Predictions(LanguageModel model, HiddenStates states) {

    Predictions(LanguageModel model, TokenWindow window) {
      this(model, model.read(new Batch(new int[][] {window.tokens()})));
    }

    /** Predictions of the tokens {@code from} to {@code to}, each made at the one before. */
    LogProbabilities of(int from, int to) {
      return new LogProbabilities(model.logits(states, from - 1, to - from), model.vocabulary());
    }
  }

  private static long bytes(Checkpoint checkpoint) {
    long bytes = 0;
    for (Path shard : checkpoint.shards()) {
      try {
        bytes += Files.size(shard);
      } catch (IOException e) {
        throw new PleatException("%s: cannot be read (%s)".formatted(shard, e), e);
      }
    }
    return bytes;
  }
}
