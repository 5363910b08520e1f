package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.TaskReport;
import dev.pleat.llm.request.TaskRequest;
import dev.pleat.llm.task.TaskEvaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskTest {
  private static final Path TASKS = Path.of("src/test/resources/tasks");
  private static final Path PLAIN = TASKS.resolve("plain.jsonl");

  @TempDir private Path folder;

  private static TaskReport evaluate(Path task, Optional<Path> examples, Optional<Path> against) {
    return TaskEvaluation.run(
        new TaskRequest(Stories.directory(), task, examples, 2, against, Optional.empty(), 2),
        Progress.SILENT);
  }

  private static TaskReport evaluate(Path task) {
    return evaluate(task, Optional.empty(), Optional.empty());
  }

  private Path lines(String... lines) throws IOException {
    return Files.write(folder.resolve("task.jsonl"), List.of(lines));
  }

  /** Expected are what transformers gives: tools/compare_tasks_with_transformers.py. */
  @ParameterizedTest
  @CsvSource({
    "arc, -13.9142, -25.3175",
    "boolq, -9.5533, -7.9289",
    "hellaswag, -17.1653, -29.7487",
    "openbookqa, -4.7383, -5.2606",
    "piqa, -27.3220, -39.5536",
    "plain, -3.9373, -8.3598",
    "winogrande, -6.8036, -7.4051"
  })
  void every_format_has_the_reference_likelihoods(String format, double first, double second) {
    TaskReport report = evaluate(TASKS.resolve(format + ".jsonl"));

    assertThat(report.format()).isEqualTo(format);
    List<Double> last = report.questions().getLast().logLikelihoods();
    assertThat(last.get(0)).isCloseTo(first, within(1e-3));
    assertThat(last.get(1)).isCloseTo(second, within(1e-3));
  }

  @Test
  void plain_questions_are_answered_as_the_stories_would_go_on() {
    TaskReport report = evaluate(PLAIN);

    assertThat(report.count()).isEqualTo(6);
    assertThat(report.accuracy().value()).isEqualTo(1);
    assertThat(report.accuracy().standardError()).isZero();
    assertThat(report.against()).isEmpty();
  }

  @Test
  void what_questions_share_is_read_once_and_changes_nothing() throws IOException {
    List<String> all = Files.readAllLines(PLAIN);
    TaskReport together = evaluate(PLAIN, Optional.of(examples()), Optional.empty());
    TaskReport alone = evaluate(lines(all.getLast()), Optional.of(examples()), Optional.empty());

    assertThat(together.shots()).isEqualTo(2);
    List<Double> expected = alone.questions().getFirst().logLikelihoods();
    List<Double> found = together.questions().getLast().logLikelihoods();
    for (int c = 0; c < expected.size(); c++) {
      assertThat(found.get(c)).isCloseTo(expected.get(c), within(1e-4));
    }
  }

  private static Path examples() {
    return TASKS.resolve("plain-examples.jsonl");
  }

  @Test
  void a_model_held_against_itself_does_not_change() {
    TaskReport report =
        evaluate(TASKS.resolve("arc.jsonl"), Optional.empty(), Optional.of(Stories.directory()));

    TaskReport.Against against = report.against().orElseThrow();
    assertThat(against.accuracy()).isEqualTo(report.accuracy());
    assertThat(against.change()).isEqualTo(new TaskReport.Difference(0, 0, 0));
  }

  @Test
  void a_line_of_no_format_is_named() throws IOException {
    Path task =
        lines("{\"context\": \"A\", \"choices\": [\"b\", \"c\"], \"answer\": 0}", "{\"a\": 1}");

    assertThatThrownBy(() -> evaluate(task))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("task.jsonl, line 2")
        .hasMessageContaining("no row of plain");
  }

  @Test
  void an_answer_that_is_no_choice_is_named() throws IOException {
    Path task = lines("{\"goal\": \"A\", \"sol1\": \"b\", \"sol2\": \"c\", \"label\": 2}");

    assertThatThrownBy(() -> evaluate(task))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("line 1")
        .hasMessageContaining("field 'label' is '2', expected 0 to 1");
  }

  @Test
  void a_line_that_is_no_json_is_named() throws IOException {
    Path task = lines("{\"context\": ");

    assertThatThrownBy(() -> evaluate(task)).hasMessageContaining("task.jsonl, line 1");
  }

  @Test
  void a_choice_longer_than_the_context_is_refused() throws IOException {
    String endless = "little girl ".repeat(2000);
    Path task =
        lines(
            "{\"context\": \"A\", \"choices\": [\"b\", \"%s\"], \"answer\": 0}".formatted(endless));

    assertThatThrownBy(() -> evaluate(task))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("line 1: choice 2 has")
        .hasMessageContaining("more than the 512 that the model takes");
  }

  @Test
  void the_task_itself_is_refused_as_examples() {
    assertThatThrownBy(() -> evaluate(PLAIN, Optional.of(PLAIN), Optional.empty()))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("is the task itself");
  }
}
