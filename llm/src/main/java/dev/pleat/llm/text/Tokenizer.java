package dev.pleat.llm.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.pleat.core.PleatException;
import dev.pleat.llm.json.JsonFiles;
import dev.pleat.llm.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The tokenizer of a model directory. It never uses the network. */
public final class Tokenizer implements AutoCloseable {
  static final String FILE = "tokenizer.json";
  static final String SETTINGS = "tokenizer_config.json";

  /** Texts are neither cut nor filled up. */
  private static final Map<String, String> WHOLE =
      Map.of("truncation", "false", "padding", "false");

  private final Path file;
  private final HuggingFaceTokenizer tokenizer;
  private final int[] start;

  /**
   * Tokens around a text.
   *
   * @param before those that stand before it
   * @param after those that stand behind it
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Frame(int[] before, int[] after) {}

  private Tokenizer(Path file, HuggingFaceTokenizer tokenizer, Optional<JsonObject> settings) {
    this.file = file;
    this.tokenizer = tokenizer;
    this.start = settings.flatMap(this::configuredStart).orElseGet(this::usualStart);
  }

  /**
   * Opens {@code tokenizer.json}.
   *
   * @throws PleatException when there is none or it cannot be used
   */
  public static Tokenizer open(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new PleatException(
          "%s: has no %s, so texts cannot be read; copy the tokenizer's files of the original model into it"
              .formatted(directory, FILE));
    }
    return openFile(file);
  }

  /** Opens a file such as {@code tokenizer.json}; what is thrown as above. */
  static Tokenizer openFile(Path file) {
    // The library takes the whole process with it where this is no JSON.
    JsonFiles.read(file);
    Path settings = file.resolveSibling(SETTINGS);
    Optional<JsonObject> read =
        Files.isRegularFile(settings) ? Optional.of(JsonFiles.read(settings)) : Optional.empty();
    return open(file, () -> HuggingFaceTokenizer.newInstance(file, WHOLE), read);
  }

  /** The tokenizer of a vocabulary; what is thrown as above. */
  static Tokenizer of(WordPieces pieces) {
    return open(
        pieces.file(),
        () -> HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(pieces.json()), WHOLE),
        Optional.empty());
  }

  private interface Opening {
    HuggingFaceTokenizer open() throws IOException;
  }

  private static Tokenizer open(Path file, Opening opening, Optional<JsonObject> settings) {
    stayOffline();
    try {
      return new Tokenizer(file, opening.open(), settings);
    } catch (PleatException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw unusable(file, e);
    }
  }

  private static PleatException unusable(Path file, Exception e) {
    return new PleatException(
        "%s: cannot be used (%s); copy it from the original model again"
            .formatted(file, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
        e);
  }

  /** The library would look for a processor's flavour to download, and report that it is used. */
  private static void stayOffline() {
    for (Map.Entry<String, String> setting :
        Map.of("RUST_FLAVOR", "cpu", "OPT_OUT_TRACKING", "true", "ai.djl.offline", "true")
            .entrySet()) {
      if (System.getProperty(setting.getKey()) == null) {
        System.setProperty(setting.getKey(), setting.getValue());
      }
    }
  }

  /** What the settings say of the beginning of a text, if they do. */
  private Optional<int[]> configuredStart(JsonObject settings) {
    Optional<String> token =
        settings.isText("bos_token")
            ? settings.textOrEmpty("bos_token")
            : settings.objectOrEmpty("bos_token").flatMap(o -> o.textOrEmpty("content"));
    Optional<Boolean> wanted = settings.flagOrEmpty("add_bos_token");
    if (wanted.isEmpty() || (wanted.get() && token.isEmpty())) {
      return Optional.empty();
    }
    int[] ids = wanted.get() ? encode(token.orElseThrow()) : new int[0];
    return ids.length <= 1 ? Optional.of(ids) : Optional.empty();
  }

  /** What the tokenizer itself puts before a text, without what it puts behind it. */
  private int[] usualStart() {
    return frame().before();
  }

  /** What the tokenizer itself puts before a text and behind it. */
  Frame frame() {
    String any = "a";
    int[] whole = encode(any, true);
    int[] plain = encode(any);
    int length =
        IntStream.rangeClosed(0, whole.length - plain.length)
            .filter(at -> Arrays.equals(whole, at, at + plain.length, plain, 0, plain.length))
            .findFirst()
            .orElse(0);
    int end = Math.min(whole.length, length + plain.length);
    return new Frame(Arrays.copyOf(whole, length), Arrays.copyOfRange(whole, end, whole.length));
  }

  /**
   * The tokens of a text, without any that stand for its beginning or end.
   *
   * @throws PleatException when the tokenizer has none for a part of it
   */
  public int[] encode(String text) {
    return encode(text, false);
  }

  private int[] encode(String text, boolean framed) {
    try {
      return Arrays.stream(tokenizer.encode(text, framed, false).getIds())
          .mapToInt(Math::toIntExact)
          .toArray();
    } catch (RuntimeException e) {
      throw unusable(file, e);
    }
  }

  /** The tokens of a whole document: as the model's own tokenizer begins it, but without an end. */
  public int[] encodeDocument(String text) {
    return IntStream.concat(Arrays.stream(start), Arrays.stream(encode(text))).toArray();
  }

  /** The text of some tokens, without special ones. */
  public String decode(int[] tokens) {
    return tokenizer.decode(Arrays.stream(tokens).asLongStream().toArray(), true);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
