package dev.pleat.llm.task;

import dev.pleat.core.PleatException;
import dev.pleat.llm.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The formats of rows, and the words that the usual evaluation harness (lm-evaluation-harness) puts
 * around them. A format is known by the fields of its rows.
 */
enum TaskFormat {
  /** {@code {context, choices, answer}}: the words as they are. */
  PLAIN(Set.of("context", "choices", "answer")) {
    @Override
    Question question(JsonObject row, int line) {
      List<String> choices = row.texts("choices");
      return Question.of(
          row, line, row.text("context"), choices, index(row, "answer", choices.size(), 0));
    }
  },
  /** A yes-or-no question about a passage. */
  BOOLQ(Set.of("passage", "question")) {
    @Override
    Question question(JsonObject row, int line) {
      String name = row.has("label") ? "label" : "answer";
      String written = unquoted(row, name);
      int answer =
          switch (written) {
            case "true", "1" -> 1;
            case "false", "0" -> 0;
            default -> throw row.error(name, "is '%s', expected true or false".formatted(written));
          };
      String context =
          "%s\nQuestion: %s?\nAnswer:".formatted(row.text("passage"), row.text("question"));
      return Question.of(row, line, context, List.of("no", "yes"), answer);
    }
  },
  /** A gap that one of two names fills: what stands behind the gap is judged. */
  WINOGRANDE(Set.of("sentence", "option1", "option2")) {
    @Override
    Question question(JsonObject row, int line) {
      String sentence = row.text("sentence");
      int gap = sentence.indexOf('_');
      if (gap < 0) {
        throw row.error("sentence", "has no gap '_'");
      }
      String rest = sentence.substring(gap + 1).strip();
      List<Question.Choice> choices =
          List.of(
              Question.Choice.of(sentence.substring(0, gap) + row.text("option1"), rest),
              Question.Choice.of(sentence.substring(0, gap) + row.text("option2"), rest));
      return new Question(line, choices, index(row, "answer", 2, 1));
    }
  },
  /** The end of a description that goes on most sensibly. */
  HELLASWAG(Set.of("endings", "ctx_a", "ctx_b")) {
    @Override
    Question question(JsonObject row, int line) {
      List<String> endings = row.texts("endings").stream().map(TaskFormat::cleaned).toList();
      String last = row.textOrEmpty("ctx_b").orElse("");
      String end =
          last.isEmpty()
              ? ""
              : last.substring(0, 1).toUpperCase(Locale.ROOT)
                  + last.substring(1).toLowerCase(Locale.ROOT);
      String context = "%s: %s %s".formatted(row.text("activity_label"), row.text("ctx_a"), end);
      return Question.of(
          row, line, cleaned(context), endings, index(row, "label", endings.size(), 0));
    }
  },
  /** Two ways to a goal. */
  PIQA(Set.of("goal", "sol1", "sol2")) {
    @Override
    Question question(JsonObject row, int line) {
      return Question.of(
          row,
          line,
          "Question: %s\nAnswer:".formatted(row.text("goal")),
          List.of(row.text("sol1"), row.text("sol2")),
          index(row, "label", 2, 0));
    }
  },
  /** A question of elementary science; its rows look like those of ARC but for their ids. */
  OPENBOOKQA(Set.of("answerKey")) {
    @Override
    boolean reads(JsonObject row) {
      return super.reads(row)
          && (row.has("question_stem")
              || row.textOrEmpty("id").filter(id -> id.matches("\\d+-\\d+")).isPresent());
    }

    @Override
    Question question(JsonObject row, int line) {
      return row.has("question_stem")
          ? keyed(row, line, row.text("question_stem"), row.object("choices"))
          : keyed(row, line, row.text("question.stem"), row.objects("question.choices"));
    }
  },
  /** A question of science with lettered choices. */
  ARC(Set.of("answerKey", "question")) {
    @Override
    Question question(JsonObject row, int line) {
      return row.isText("question")
          ? keyed(row, line, asked(row.text("question")), row.object("choices"))
          : keyed(row, line, asked(row.text("question.stem")), row.objects("question.choices"));
    }

    private static String asked(String question) {
      return "Question: %s\nAnswer:".formatted(question);
    }
  };

  private final Set<String> fields;

  TaskFormat(Set<String> fields) {
    this.fields = fields;
  }

  /** Whether a row is of this format. */
  boolean reads(JsonObject row) {
    return row.names().containsAll(fields);
  }

  /**
   * The question of a row.
   *
   * @throws PleatException when a field is missing or is not what it should be
   */
  abstract Question question(JsonObject row, int line);

  /** The format of a row, empty when it is none of these. */
  static Optional<TaskFormat> of(JsonObject row) {
    for (TaskFormat format : values()) {
      if (format.reads(row)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static Question keyed(JsonObject row, int line, String context, JsonObject choices) {
    return keyed(row, line, context, choices.texts("text"), choices.texts("label"));
  }

  private static Question keyed(
      JsonObject row, int line, String context, List<JsonObject> choices) {
    List<String> texts = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (JsonObject choice : choices) {
      texts.add(choice.text("text"));
      labels.add(choice.text("label"));
    }
    return keyed(row, line, context, texts, labels);
  }

  private static Question keyed(
      JsonObject row, int line, String context, List<String> texts, List<String> labels) {
    String key = row.text("answerKey");
    int answer = labels.indexOf(key);
    if (answer < 0) {
      throw row.error("answerKey", "is '%s', expected one of %s".formatted(key, labels));
    }
    return Question.of(row, line, context, texts, answer);
  }

  /** An index that is written as a number or as a text. */
  private static int index(JsonObject row, String name, int count, int first) {
    String written = unquoted(row, name);
    for (int i = 0; i < count; i++) {
      if (written.equals(Integer.toString(first + i))) {
        return i;
      }
    }
    String problem = written.isEmpty() ? "is missing" : "is '%s'".formatted(written);
    throw row.error(name, "%s, expected %d to %d".formatted(problem, first, first + count - 1));
  }

  private static String unquoted(JsonObject row, String name) {
    return row.isText(name) ? row.text(name) : row.written(name);
  }

  /** What the harness makes of the marks that the descriptions of videos carry. */
  private static String cleaned(String text) {
    return text.strip().replace(" [title]", ". ").replaceAll("\\[.*?\\]", "").replace("  ", " ");
  }
}
