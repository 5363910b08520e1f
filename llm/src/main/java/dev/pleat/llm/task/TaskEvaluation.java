package dev.pleat.llm.task;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.TaskReport;
import dev.pleat.llm.request.TaskRequest;
import dev.pleat.llm.run.LanguageModel;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.run.Reading;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Multiple choice: of the choices of each question, the one that the model finds likeliest behind
 * the context, as lm-evaluation-harness judges it.
 */
public final class TaskEvaluation {
  private final TaskRequest request;
  private final Progress progress;

  private TaskEvaluation(TaskRequest request, Progress progress) {
    this.request = request;
    this.progress = progress;
  }

  /**
   * Measures a model.
   *
   * @throws PleatException when the model, its tokenizer or the task cannot be read, a line of the
   *     task is of another format or its choices are longer than the model takes, or the original
   *     has another vocabulary
   */
  public static TaskReport run(TaskRequest request, Progress progress) {
    return new TaskEvaluation(request, progress).measure();
  }

  private TaskReport measure() {
    TaskFile file = TaskFile.read(request.task());
    String examples = examples(file.format());
    List<Question> questions = file.questions().stream().map(q -> q.behind(examples)).toList();
    try (Checkpoint checkpoint = Checkpoint.open(request.model());
        LanguageModel model = open(checkpoint)) {
      List<List<TokenChoice>> tokens = tokens(questions, model);
      boolean pair = request.against().isPresent();
      progress.begin("answer", questions.size() * (pair ? 2 : 1));
      long start = System.nanoTime();
      TaskTally tally = new TaskTally();
      List<TaskReport.Answered> answers = answers(model, questions, tokens, tally);
      Optional<TaskTally> original =
          request.against().map(path -> original(path, model.vocabulary(), questions, tokens));
      double seconds = (System.nanoTime() - start) / 1e9;
      return new TaskReport(
          request.model().toString(),
          request.task().toString(),
          file.format().spelling(),
          request.examples().isPresent() ? request.shots() : 0,
          questions.size(),
          tally.accuracy(),
          tally.normalizedAccuracy(),
          original.map(o ->
              new TaskReport.Against(
                  o.accuracy(),
                  o.normalizedAccuracy(),
                  tally.change(o),
                  tally.normalizedChange(o))),
          questions.size() / seconds,
          answers);
    }
  }

  private LanguageModel open(Checkpoint checkpoint) {
    return LanguageModel.open(Model.of(checkpoint, request.description()), request.threads());
  }

  /** The examples that stand before every question, with what divides them from it. */
  private String examples(TaskFormat format) {
    if (request.examples().isEmpty()) {
      return "";
    }
    Path path = request.examples().get();
    TaskFile file = TaskFile.read(path);
    try {
      if (Files.isSameFile(path, request.task())) {
        throw new PleatException(
            "--few-shot %s is the task itself, whose answers would be given away; give other questions, such as those for training"
                .formatted(path));
      }
    } catch (IOException e) {
      throw new PleatException("%s: cannot be looked at (%s)".formatted(path, e), e);
    }
    if (file.format() != format || file.questions().size() < request.shots()) {
      throw new PleatException(
          "--few-shot %s: has %d questions of %s, expected %d or more of %s"
              .formatted(
                  path,
                  file.questions().size(),
                  file.format().spelling(),
                  request.shots(),
                  format.spelling()));
    }
    return file.questions().stream()
        .limit(request.shots())
        .map(question -> question.solved() + "\n\n")
        .collect(Collectors.joining());
  }

  private List<List<TokenChoice>> tokens(List<Question> questions, LanguageModel model) {
    try (Tokenizer tokenizer = Tokenizer.open(request.model())) {
      return questions.stream().map(q -> tokens(q, tokenizer, model.context())).toList();
    } catch (PleatException e) {
      throw new PleatException("%s, %s".formatted(request.task(), e.getMessage()), e);
    }
  }

  private static List<TokenChoice> tokens(Question question, Tokenizer tokenizer, int context) {
    return IntStream.range(0, question.choices().size())
        .mapToObj(c -> TokenChoice.of(question, c, tokenizer, context))
        .toList();
  }

  private TaskTally original(
      Path path, int vocabulary, List<Question> questions, List<List<TokenChoice>> tokens) {
    try (Checkpoint checkpoint = Checkpoint.open(path);
        LanguageModel model = open(checkpoint)) {
      if (model.vocabulary() != vocabulary) {
        throw new PleatException(
            "--against has %d tokens, the model %d; give the model it was folded from"
                .formatted(model.vocabulary(), vocabulary));
      }
      TaskTally tally = new TaskTally();
      answers(model, questions, tokens, tally);
      return tally;
    }
  }

  private List<TaskReport.Answered> answers(
      LanguageModel model,
      List<Question> questions,
      List<List<TokenChoice>> tokens,
      TaskTally tally) {
    ChoiceLikelihoods likelihoods = new ChoiceLikelihoods(model);
    List<TaskReport.Answered> answers = new ArrayList<>();
    int shared = shared(tokens);
    try (Reading begun =
        model.begin(Arrays.copyOf(tokens.getFirst().getFirst().tokens(), shared))) {
      for (int q = 0; q < questions.size(); q++) {
        double[] values = likelihoods.of(questions.get(q), tokens.get(q), begun);
        tally.add(questions.get(q), values);
        answers.add(
            new TaskReport.Answered(
                questions.get(q).line(),
                questions.get(q).answer(),
                Arrays.stream(values).boxed().toList()));
        progress.step();
      }
    }
    return answers;
  }

  /** What all questions begin with: the examples, and what the tokenizer begins a text with. */
  private static int shared(List<List<TokenChoice>> questions) {
    int[] first = questions.getFirst().getFirst().tokens();
    int shared = first.length;
    for (List<TokenChoice> choices : questions) {
      shared =
          Math.min(
              shared,
              Math.min(
                  TokenChoice.shared(choices),
                  TokenChoice.common(first, choices.getFirst().tokens())));
    }
    return shared;
  }
}
