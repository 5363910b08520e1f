package dev.pleat.onnx.request;

import dev.pleat.onnx.data.ImageSize;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Inputs to be made of one ONNX file and written.
 *
 * @param model the model
 * @param output the {@code .npy} file to write
 * @param sheet a {@code .png} to show them on
 * @param size height and width, where the model leaves them open
 * @param force replace existing files
 * @param options how they are made
 */
public record InvertRequest(
    Path model,
    Path output,
    Optional<Path> sheet,
    Optional<ImageSize> size,
    boolean force,
    InversionOptions options) {}
