package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.llm.request.Part;
import dev.pleat.llm.safetensors.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The hash of the input, of whose files each is read once: everybody begins with files of their own
 * and takes over what others have noted. A note counts as long as the file has the length and the
 * time that it had.
 *
 * @param notes what is known of the files
 */
public record InputHashes(MadeFiles notes) {
  private static final String SUFFIX = ".input";

  /**
   * Hashes what nobody has hashed yet, beginning where this part does.
   *
   * @param shards all files of the input
   */
  void hash(List<Path> shards, Part part) {
    int first = (int) ((long) shards.size() * (part.number() - 1) / part.of());
    for (int i = 0; i < shards.size(); i++) {
      hash(shards.get((first + i) % shards.size()));
    }
  }

  /**
   * The hash of one file.
   *
   * @throws PleatException when it cannot be read or changes meanwhile
   */
  public String hash(Path shard) {
    String state = state(shard);
    Optional<String> known =
        notes
            .note(shard.getFileName() + SUFFIX)
            .filter(note -> note.startsWith(state))
            .map(note -> note.substring(state.length()));
    if (known.isPresent()) {
      return known.get();
    }
    String hash = Sha256.of(shard);
    requireState(shard, state);
    notes.note(shard.getFileName() + SUFFIX, state + hash);
    return hash;
  }

  /**
   * Refuses a file that is no longer what it was.
   *
   * @param state as {@link #state} has given it before
   * @throws PleatException when its length or its time has changed
   */
  public static void requireState(Path shard, String state) {
    if (!state(shard).equals(state)) {
      throw new PleatException(
          "%s: changed while it was read; leave it alone and start again".formatted(shard));
    }
  }

  /**
   * What tells whether a file has changed: its length and its time.
   *
   * @throws PleatException when there is no such file any more
   */
  public static String state(Path shard) {
    try {
      return "%d bytes %s ".formatted(Files.size(shard), Files.getLastModifiedTime(shard));
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(shard, e), e);
    }
  }
}
