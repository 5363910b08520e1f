package dev.pleat.spark;

import dev.pleat.core.fold.Progress;
import dev.pleat.llm.fold.InputHashes;
import dev.pleat.llm.fold.MadeFiles;
import dev.pleat.llm.fold.OutputLayout;
import dev.pleat.llm.fold.ShardFold;
import dev.pleat.llm.safetensors.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes one file of weights: on the executor's disk, since steps are written in any order, then as
 * a whole into the output. One that is finished already is read and left as it is.
 *
 * @param hashes of the input's files, by name
 * @param states what tells whether the input's files have changed, by name
 */
record FoldTask(FoldJob job, Map<String, String> hashes, Map<String, String> states)
    implements FileTask {
  private static final String LEDGER = "steps.jsonl";

  @Override
  public String run(String file, Path scratch) throws IOException {
    MadeFiles made = job.made(FileTask.attemptName());
    try (ShardFold fold =
        ShardFold.open(
            job.request(scratch, FileTask.threads()), SparkFolding.OPTION, Progress.SILENT)) {
      ShardFold.Output output =
          fold.output(input -> hashes.getOrDefault(String.valueOf(input.getFileName()), ""));
      OutputLayout.Shard shard =
          output.layout().shards().stream()
              .filter(each -> each.name().equals(file))
              .findFirst()
              .orElseThrow();
      if (!made.isSound(shard)) {
        make(output, shard, scratch);
        publish(shard, scratch, made);
      }
      return "";
    }
  }

  private void make(ShardFold.Output output, OutputLayout.Shard shard, Path scratch) {
    Set<Path> sources = output.sources(List.of(shard));
    requireUnchanged(sources);
    output.make(List.of(shard), scratch::resolve, scratch.resolve(LEDGER));
    requireUnchanged(sources);
  }

  private void requireUnchanged(Set<Path> sources) {
    for (Path source : sources) {
      InputHashes.requireState(
          source, states.getOrDefault(String.valueOf(source.getFileName()), ""));
    }
  }

  /** Whoever reads the output finds the whole file or none. */
  private static void publish(OutputLayout.Shard shard, Path scratch, MadeFiles made)
      throws IOException {
    Path file = scratch.resolve(shard.name());
    Path copy = made.state().resolve("." + shard.name() + "-" + made.maker());
    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
    Files.move(copy, made.file(shard.name()), StandardCopyOption.ATOMIC_MOVE);
    Path ledger = made.ledger(shard.name());
    made.note(String.valueOf(ledger.getFileName()), Files.readString(scratch.resolve(LEDGER)));
    made.finish(shard, Sha256.of(file));
  }
}
