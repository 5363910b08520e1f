package dev.pleat.llm.request;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What to measure.
 *
 * @param model directory of the model
 * @param task a file of questions
 * @param examples a file of questions of the same format, of which the first stand before each
 *     question
 * @param shots how many of them, at least 1
 * @param against directory of the model to compare with
 * @param description of the models' family, empty for a bundled one
 * @param threads threads to use, at least 1
 */
public record TaskRequest(
    Path model,
    Path task,
    Optional<Path> examples,
    int shots,
    Optional<Path> against,
    Optional<Path> description,
    int threads) {
  /** Examples that usually stand before a question. */
  public static final int USUAL_SHOTS = 5;
}
