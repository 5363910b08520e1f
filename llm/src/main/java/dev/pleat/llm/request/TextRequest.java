package dev.pleat.llm.request;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What to measure.
 *
 * @param model directory of the model
 * @param text UTF-8 file; {@code <|endoftext|>} separates documents
 * @param context most tokens of a window; by default what the model was made for, at most 2,048
 * @param stride from one window to the next; by default the whole context
 * @param against directory of the model to compare with
 * @param description of the models' family, empty for a bundled one
 * @param threads threads to use, at least 1
 */
public record TextRequest(
    Path model,
    Path text,
    Optional<Integer> context,
    Optional<Integer> stride,
    Optional<Path> against,
    Optional<Path> description,
    int threads) {}
