package dev.pleat;

import java.nio.file.Files;
import java.nio.file.Path;

/** What a model is on disk. */
public enum ModelKind {
  /** An ONNX file. */
  FILE,
  /** A directory as Hugging Face lays language models out. */
  DIRECTORY;

  /** That of a model; what does not exist counts as a file. */
  public static ModelKind of(Path model) {
    return Files.isDirectory(model) ? DIRECTORY : FILE;
  }
}
