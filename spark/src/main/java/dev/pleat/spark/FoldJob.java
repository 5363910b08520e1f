package dev.pleat.spark;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.fold.MadeFiles;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A fold as executors are told of it.
 *
 * @param input the directory to read
 * @param output the directory to make
 * @param options what to fold and how
 * @param round as in {@link CheckpointFoldRequest}, 0 where it is empty
 * @param heads as in {@link CheckpointFoldRequest}, negative where it is empty
 * @param architecture the text of a description to use, empty for a bundled one
 */
record FoldJob(
    String input, String output, FoldOptions options, int round, double heads, String architecture)
    implements Serializable {

  /**
   * What a driver's request comes to.
   *
   * @param output where it is made
   * @throws PleatException when the description cannot be read
   */
  static FoldJob of(CheckpointFoldRequest request, Path output) {
    return new FoldJob(
        request.input().toString(),
        output.toString(),
        request.options(),
        request.round().orElse(0),
        request.heads().orElse(-1.0),
        request.architecture().map(FoldJob::text).orElse(""));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(file, e), e);
    }
  }

  /**
   * The request as an executor makes it.
   *
   * @param scratch a folder of its own
   * @param threads how many may be used
   */
  CheckpointFoldRequest request(Path scratch, int threads) throws IOException {
    Optional<Path> description = Optional.empty();
    if (!architecture.isEmpty()) {
      description =
          Optional.of(Files.writeString(scratch.resolve("architecture.json"), architecture));
    }
    return CheckpointFoldRequest.builder(Locations.read(input), Locations.written(output), options)
        .round(round > 0 ? Optional.of(round) : Optional.empty())
        .heads(heads >= 0 ? Optional.of(heads) : Optional.empty())
        .architecture(description)
        .verify(false)
        .threads(threads)
        .build();
  }

  /**
   * What all have made of the output.
   *
   * @param maker who asks
   */
  MadeFiles made(String maker) {
    Path folder = Locations.written(output);
    return new MadeFiles(folder, OutputFolder.state(folder), maker);
  }
}
