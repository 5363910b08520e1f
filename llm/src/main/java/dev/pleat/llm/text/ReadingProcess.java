package dev.pleat.llm.text;

import dev.pleat.core.PleatException;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Reads a text by a tokenizer in a process of its own: the tokenizers' library takes its process
 * with it on many a damaged file, and a pattern can keep it busy for ever.
 */
final class ReadingProcess {
  /** The first that such a process says. */
  private static final int READY = 0x504C5454;

  /** A tokenizer of 200,000 words takes two seconds. */
  private static final int SECONDS = 120;

  private ReadingProcess() {}

  /**
   * A text as tokens.
   *
   * @param before tokens that stand before it
   * @param after tokens that stand behind it
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Read(int[] before, int[] tokens, int[] after) {
    static Read of(Path file, String text) {
      try (Tokenizer tokenizer = Tokenizer.openFile(file)) {
        Tokenizer.Frame frame = tokenizer.frame();
        return new Read(frame.before(), tokenizer.encode(text), frame.after());
      }
    }
  }

  /**
   * Reads a text.
   *
   * @param file such as {@code tokenizer.json}
   * @throws PleatException when it cannot be used
   */
  static Read read(Path file, String text) {
    try {
      Process process = start(file);
      Thread end = Thread.ofVirtual().start(() -> end(process));
      try (DataOutputStream out = new DataOutputStream(process.getOutputStream());
          DataInputStream in = new DataInputStream(process.getInputStream())) {
        if (!isReady(in)) {
          // No Java of its own is at hand, as where Pleat is a part of a larger program.
          return Read.of(file, text);
        }
        write(out, text);
        return answer(in);
      } catch (IOException e) {
        throw new PleatException(
            "%s: cannot be used (the tokenizers' library breaks down on it); copy it from the original model again"
                .formatted(file),
            e);
      } finally {
        process.destroyForcibly();
        end.interrupt();
      }
    } catch (IOException e) {
      return Read.of(file, text);
    }
  }

  private static Process start(Path file) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+SuppressFatalErrorMessage",
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir", ""),
            "-cp",
            System.getProperty("java.class.path", ""),
            ReadingProcess.class.getName(),
            file.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void end(Process process) {
    try {
      process.waitFor(SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }

  private static boolean isReady(DataInputStream in) {
    try {
      return in.readInt() == READY;
    } catch (IOException e) {
      return false;
    }
  }

  private static Read answer(DataInputStream in) throws IOException {
    if (!in.readBoolean()) {
      throw new PleatException(text(in));
    }
    return new Read(integers(in), integers(in), integers(in));
  }

  /**
   * What the process does.
   *
   * @param arguments the tokenizer's file
   */
  public static void main(String[] arguments) throws IOException {
    // Whatever libraries print goes elsewhere.
    System.setOut(System.err);
    DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)));
    out.writeInt(READY);
    out.flush();
    String text = text(new DataInputStream(System.in));
    Optional<Read> read = Optional.empty();
    String problem = "";
    try {
      read = Optional.of(Read.of(Path.of(arguments[0]), text));
    } catch (PleatException e) {
      problem = String.valueOf(e.getMessage());
    }
    out.writeBoolean(read.isPresent());
    if (read.isPresent()) {
      for (int[] tokens : List.of(read.get().before, read.get().tokens, read.get().after)) {
        out.writeInt(tokens.length);
        for (int token : tokens) {
          out.writeInt(token);
        }
      }
    } else {
      write(out, problem);
    }
    out.flush();
  }

  private static int[] integers(DataInputStream in) throws IOException {
    int[] integers = new int[in.readInt()];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = in.readInt();
    }
    return integers;
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
    out.flush();
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }
}
