package dev.pleat.llm.json;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads JSON whose size, depth and duplicate names are checked before anything is built of it. */
public final class JsonFiles {
  private static final int LARGEST_FILE = 256 << 20;
  private static final int DEEPEST = 64;

  private JsonFiles() {}

  /** A factory of parsers that refuse duplicate names and objects nested deeper than this. */
  public static JsonFactory factory(int depth) {
    return JsonFactory.builder()
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(depth).build())
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .build();
  }

  /**
   * Reads a file that holds one JSON object.
   *
   * @throws PleatException when it cannot be read, is larger than 256 MiB, is nested deeper than 64
   *     levels, has a name twice in one object, or is no JSON object
   */
  public static JsonObject read(Path file) {
    return object(file.toString(), bytes(file), DEEPEST);
  }

  /** The bytes of a JSON file, within the same limit. */
  public static byte[] bytes(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new PleatException(file + ": no ordinary file; give a file with JSON in it");
    }
    try {
      long size = Files.size(file);
      if (size > LARGEST_FILE) {
        throw new PleatException(
            "%s: %d bytes are more than the %d that are read; it is no model description"
                .formatted(file, size, LARGEST_FILE));
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(file, e), e);
    }
  }

  /**
   * Parses one JSON object.
   *
   * @param where names the source in messages
   * @param depth deepest nesting that is accepted
   * @throws PleatException as {@link #read} does
   */
  public static JsonObject object(String where, byte[] json, int depth) {
    JsonMapper mapper =
        JsonMapper.builder(factory(depth))
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    try {
      JsonNode node = mapper.readTree(json);
      if (node instanceof ObjectNode object) {
        return new JsonObject(where, "", object);
      }
      throw new PleatException(
          "%s: holds a JSON %s, expected an object".formatted(where, JsonObject.kind(node)));
    } catch (JacksonException e) {
      throw new PleatException(
          "%s: is no valid JSON (%s); download it again"
              .formatted(where, e.getOriginalMessage().lines().findFirst().orElse("")),
          e);
    }
  }
}
