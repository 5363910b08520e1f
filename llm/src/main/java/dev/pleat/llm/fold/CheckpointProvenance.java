package dev.pleat.llm.fold;

import dev.pleat.core.PleatVersion;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Function;

/** What a folded checkpoint says of its own making. Nothing in it depends on time or machine. */
final class CheckpointProvenance {
  private CheckpointProvenance() {}

  /**
   * The hash of a checkpoint: that of its only file, or of the lines {@code NAME HASH} of its
   * shards.
   */
  static String hash(Checkpoint checkpoint) {
    return hash(checkpoint, Sha256::of);
  }

  /**
   * The same from hashes of the files.
   *
   * @param hashOf gives the hash of a file
   */
  static String hash(Checkpoint checkpoint, Function<Path, String> hashOf) {
    if (checkpoint.shards().size() == 1) {
      return hashOf.apply(checkpoint.shards().getFirst());
    }
    Sha256 all = new Sha256();
    for (Path shard : checkpoint.shards()) {
      String line = shard.getFileName() + " " + hashOf.apply(shard) + "\n";
      all.add(line.getBytes(StandardCharsets.UTF_8));
    }
    return all.hex();
  }

  /**
   * The entries for {@code __metadata__}.
   *
   * @param hash of the input
   * @param repair how the fold is repaired
   */
  static Map<String, String> of(
      Checkpoint checkpoint,
      String hash,
      FoldOptions options,
      FoldPlan plan,
      CheckpointRepair repair) {
    Map<String, String> entries = new TreeMap<>();
    entries.put("pleat.version", PleatVersion.current());
    entries.put("pleat.input", name(checkpoint.directory()));
    entries.put("pleat.input.sha256", hash);
    entries.put("pleat.method", repair.strategy().method().spelling());
    entries.put("pleat.repair", repair.strategy().repair().spelling());
    if (!repair.description().isEmpty()) {
      entries.put("pleat.repair.inputs", repair.description());
    }
    entries.put("pleat.target", options.summary());
    entries.put("pleat.seed", Long.toString(options.seed()));
    StringJoiner widths = new StringJoiner("\n");
    for (int f = 0; f < plan.widths().length; f++) {
      WidthFamily family = plan.families().get(f);
      widths.add("%s %d -> %d".formatted(family.name(), family.width(), plan.widths()[f]));
    }
    entries.put("pleat.groups", widths.toString());
    plan.layers()
        .ifPresent(layers ->
            entries.put(
                "pleat.layers",
                "%d -> %d, %s".formatted(layers.before(), layers.after(), layers.reason())));
    return entries;
  }

  /** The name of a directory, whatever path it was given by. */
  static String name(Path directory) {
    return String.valueOf(directory.toAbsolutePath().normalize().getFileName());
  }
}
