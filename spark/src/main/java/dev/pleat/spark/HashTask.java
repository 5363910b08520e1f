package dev.pleat.spark;

import dev.pleat.llm.fold.InputHashes;
import java.nio.file.Path;

/** Hashes one file of the input. */
record HashTask(FoldJob job) implements FileTask {
  @Override
  public String run(String file, Path scratch) {
    InputHashes hashes = new InputHashes(job.made(FileTask.attemptName()));
    return hashes.hash(Locations.read(job.input()).resolve(file));
  }
}
