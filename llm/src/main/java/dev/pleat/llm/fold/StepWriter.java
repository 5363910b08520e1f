package dev.pleat.llm.fold;

import dev.pleat.core.tensor.TensorStore;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.Sha256;
import dev.pleat.llm.safetensors.ShardWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Writes steps into the shards of the output, and tells what the shards hold of a step. */
final class StepWriter implements AutoCloseable {
  private final Map<String, ShardWriter> writers = new LinkedHashMap<>();
  private final Map<String, ShardWriter> writerOf = new HashMap<>();
  private final UnaryOperator<String> names;

  private StepWriter(UnaryOperator<String> names) {
    this.names = names;
  }

  /**
   * Opens the shards, new or begun.
   *
   * @param fileOf where a file of the output is made
   * @param names what the output calls the tensors of steps
   */
  static StepWriter open(
      OutputLayout layout, Function<String, Path> fileOf, UnaryOperator<String> names) {
    StepWriter all = new StepWriter(names);
    try {
      for (OutputLayout.Shard shard : layout.shards()) {
        ShardWriter writer =
            ShardWriter.open(fileOf.apply(shard.name()), shard.header(), shard.entries());
        all.writers.put(shard.name(), writer);
        shard.entries().forEach(entry -> all.writerOf.put(entry.name(), writer));
      }
      return all;
    } catch (RuntimeException e) {
      all.close();
      throw e;
    }
  }

  /** The hash of what the shards hold for a step's tensors. */
  String hash(FoldStep step) {
    Sha256 hash = new Sha256();
    List<String> written = step.tensors().stream().map(names).toList();
    writers.values().forEach(writer -> writer.addTo(hash, written));
    return hash.hex();
  }

  /**
   * Writes the tensors of a step.
   *
   * @param folded holds them where the step folds; otherwise they are the checkpoint's
   */
  void write(FoldStep step, TensorStore folded, Checkpoint checkpoint) {
    for (String name : step.tensors()) {
      String written = names.apply(name);
      ShardWriter writer = writerOf.get(written);
      if (writer == null) {
        throw new IllegalStateException("no shard for " + written);
      }
      if (step.groups().isEmpty()) {
        try (Arena scope = Arena.ofShared()) {
          writer.write(written, checkpoint.bytes(name, scope));
        }
      } else {
        writer.write(written, folded.read(name).values(), checkpoint.info(name).encoding());
      }
    }
  }

  @Override
  public void close() {
    RuntimeException first = null;
    for (ShardWriter writer : writers.values()) {
      try {
        writer.close();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
