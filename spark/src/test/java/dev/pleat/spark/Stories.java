package dev.pleat.spark;

import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Rounding;
import dev.pleat.core.fold.Target;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.Sha256;
import dev.pleat.llm.safetensors.ShardWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** A small trained model of language as tests give it to a cluster, in several files. */
final class Stories {
  static final Path ORIGINAL = Path.of("../llm/src/test/resources/stories260k").toAbsolutePath();

  private static final FoldOptions QUARTER =
      new FoldOptions(
          new Target.Channels(0.25),
          Map.of(),
          List.of(),
          List.of(),
          Rounding.NONE,
          Allocation.UNIFORM,
          Method.FOLD,
          Repair.NONE,
          0,
          0,
          1);

  private Stories() {}

  /** Writes the model into some files, its tensors dealt out in turns. */
  static Path write(Path folder, int shards) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(ORIGINAL)) {
      for (Path file : files.toList()) {
        if (!file.toString().endsWith(".safetensors")) {
          Files.copy(file, folder.resolve(file.getFileName().toString()));
        }
      }
    }
    Map<String, String> index = new TreeMap<>();
    try (Checkpoint model = Checkpoint.open(ORIGINAL)) {
      List<String> names = List.copyOf(model.names());
      for (int s = 0; s < shards; s++) {
        String name = "model-%05d-of-%05d.safetensors".formatted(s + 1, shards);
        List<ShardWriter.Entry> entries = new ArrayList<>();
        for (int t = s; t < names.size(); t += shards) {
          var info = model.info(names.get(t));
          entries.add(new ShardWriter.Entry(info.name(), info.type(), info.shape()));
          index.put(info.name(), name);
        }
        byte[] header = ShardWriter.header(entries, Map.of("format", "pt"));
        try (ShardWriter writer = ShardWriter.open(folder.resolve(name), header, entries);
            Arena arena = Arena.ofShared()) {
          entries.forEach(entry -> writer.write(entry.name(), model.bytes(entry.name(), arena)));
        }
      }
    }
    Files.write(
        folder.resolve(Checkpoint.indexName()),
        JsonMapper.shared().writeValueAsBytes(Map.of("weight_map", index)));
    return folder;
  }

  /** A quarter of its neurons folded, without a repair. */
  static CheckpointFoldRequest quarter(Path input, Path output) {
    return CheckpointFoldRequest.builder(input, output, QUARTER).round(1).threads(2).build();
  }

  /** The SHA-256 of every file below a folder of any file system, hidden ones included. */
  static Map<String, String> hashes(Path folder) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    Set<Path> all = new HashSet<>();
    try (Stream<Path> files = Files.walk(folder)) {
      files.filter(Files::isRegularFile).forEach(all::add);
    }
    all.forEach(file -> hashes.put(folder.relativize(file).toString(), Sha256.of(file)));
    return hashes;
  }
}
