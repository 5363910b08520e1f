package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where an output is made before whoever loads it finds it. */
public interface OutputStage {
  /** The folder that holds the files of the output. */
  Path folder();

  /**
   * Makes the complete output one that is found.
   *
   * @throws PleatException when that fails
   */
  void commit();

  /** Where a file of the output is made. */
  default Path file(String name) {
    return folder().resolve(name);
  }

  /**
   * Writes a small file of the output.
   *
   * @throws PleatException when that fails
   */
  default void write(String name, byte[] bytes) {
    try {
      // What was copied there may be read-only.
      Files.deleteIfExists(file(name));
      Files.write(file(name), bytes);
    } catch (IOException e) {
      throw StagedDirectory.cannotWrite(file(name), e);
    }
  }
}
