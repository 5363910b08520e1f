package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The hash of the input, of whose files each is read by one part: every part begins with files of
 * its own and takes over what others have noted. A note counts as long as the file has the length
 * and the time that it had.
 *
 * @param stage holds the notes
 */
record InputHashes(PartsFolder stage, Part part) {
  private static final String SUFFIX = ".input";

  /** As {@link CheckpointProvenance#hash} gives it. */
  String of(Checkpoint checkpoint) {
    List<Path> shards = checkpoint.shards();
    int first = (int) ((long) shards.size() * (part.number() - 1) / part.of());
    for (int i = 0; i < shards.size(); i++) {
      hash(shards.get((first + i) % shards.size()));
    }
    return CheckpointProvenance.hash(checkpoint, this::hash);
  }

  private String hash(Path shard) {
    String state = state(shard);
    Optional<String> known =
        stage
            .note(shard.getFileName() + SUFFIX)
            .filter(note -> note.startsWith(state))
            .map(note -> note.substring(state.length()));
    if (known.isPresent()) {
      return known.get();
    }
    String hash = Sha256.of(shard);
    if (!state(shard).equals(state)) {
      throw new PleatException(
          "%s: changed while it was read; leave it alone and start again".formatted(shard));
    }
    stage.note(shard.getFileName() + SUFFIX, state + hash);
    return hash;
  }

  private static String state(Path shard) {
    try {
      return "%d bytes %s ".formatted(Files.size(shard), Files.getLastModifiedTime(shard));
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(shard, e), e);
    }
  }
}
