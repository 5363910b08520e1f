package dev.pleat.onnx.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.PleatVersion;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Strategy;
import dev.pleat.core.report.GroupReport;
import dev.pleat.onnx.model.ModelReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a folded model says of its own making. Nothing in it depends on time, machine or threads.
 */
public final class Provenance {
  /** Bytes of a file that are mapped at once. */
  private static final long PIECE = 1L << 30;

  private Provenance() {}

  /**
   * The entries for {@code metadata_props}.
   *
   * @param hash of the input, as {@link #hash} gives it
   */
  static Map<String, String> of(
      Path input, String hash, FoldOptions options, Strategy strategy, Folding.Outcome outcome) {
    Map<String, String> entries = new TreeMap<>();
    entries.put("pleat.version", PleatVersion.current());
    entries.put("pleat.input", input.getFileName().toString());
    entries.put("pleat.input.sha256", hash);
    entries.put("pleat.method", strategy.method().spelling());
    entries.put("pleat.repair", strategy.repair().spelling());
    entries.put("pleat.target", options.summary());
    entries.put("pleat.seed", Long.toString(options.seed()));
    entries.put(
        "pleat.groups",
        outcome.groups().stream()
            .filter(group -> group.after() < group.before())
            .map(Provenance::line)
            .collect(Collectors.joining("\n")));
    return entries;
  }

  private static String line(GroupReport group) {
    return String.format(
        Locale.ROOT,
        "%s %d -> %d, relative error %.4f",
        group.name(),
        group.before(),
        group.after(),
        group.relativeError());
  }

  /** Hashes as {@link dev.pleat.onnx.OnnxFolding#hash} says. */
  public static String hash(Path input) {
    try {
      Set<Path> data = ModelReader.dataFiles(input);
      if (data.isEmpty()) {
        return ofFile(input);
      }
      Path folder = input.toAbsolutePath().normalize().resolveSibling("");
      StringBuilder lines = new StringBuilder();
      lines.append(input.getFileName()).append(' ').append(ofFile(input)).append('\n');
      for (Path file : new TreeSet<>(data)) {
        String name = folder.relativize(file).toString().replace('\\', '/');
        lines.append(name).append(' ').append(ofFile(file)).append('\n');
      }
      return HexFormat.of()
          .formatHex(sha256().digest(lines.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read: %s".formatted(input, e.getMessage()), e);
    }
  }

  private static String ofFile(Path input) throws IOException {
    try (FileChannel channel = FileChannel.open(input, StandardOpenOption.READ)) {
      MessageDigest digest = sha256();
      for (long at = 0; at < channel.size(); at += PIECE) {
        long count = Math.min(PIECE, channel.size() - at);
        digest.update(channel.map(FileChannel.MapMode.READ_ONLY, at, count));
      }
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
