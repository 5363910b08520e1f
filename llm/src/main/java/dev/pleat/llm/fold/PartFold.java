package dev.pleat.llm.fold;

import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.PartReport;
import dev.pleat.llm.request.Part;
import dev.pleat.llm.safetensors.Sha256;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One part of a fold: some of the output's files of weights, made in a folder that all parts share.
 * Parts know nothing of each other. Whoever finds the files of all parts whole puts the output in
 * place.
 */
public final class PartFold {
  private static final String OPTION = "--part";

  private PartFold() {}

  /** Makes a part as {@link dev.pleat.llm.CheckpointFolding#foldPart} says. */
  public static PartReport run(CheckpointFoldRequest request, Part part, Progress progress) {
    ShardFold.requireIndependent(request, OPTION);
    Path place = PartsFolder.place(request.inputs(), request.output());
    try (ShardFold fold = ShardFold.open(request, OPTION, progress);
        PartsFolder stage = PartsFolder.open(place, part)) {
      progress.begin("hash", 1);
      InputHashes hashes = new InputHashes(stage.made());
      hashes.hash(fold.inputs(), part);
      ShardFold.Output output = fold.output(hashes::hash);
      return make(output, part, stage);
    }
  }

  private static PartReport make(ShardFold.Output output, Part part, PartsFolder stage) {
    MadeFiles made = stage.made();
    List<OutputLayout.Shard> all = output.layout().shards();
    all.forEach(made::requireHeader);
    List<OutputLayout.Shard> own = output.layout().of(part).shards();
    List<OutputLayout.Shard> left = own.stream().filter(shard -> !made.isSound(shard)).toList();
    output.make(left, made::file, made.ledger(made.maker()));
    left.forEach(shard -> made.finish(shard, Sha256.of(made.file(shard.name()))));
    List<String> missing =
        all.stream()
            .filter(shard -> !made.isWhole(shard) && !stage.isJoined())
            .map(OutputLayout.Shard::name)
            .toList();
    return new PartReport(
        part.toString(),
        own.stream().map(OutputLayout.Shard::name).toList(),
        missing,
        missing.isEmpty() ? join(output, stage) : Optional.empty());
  }

  private static Optional<FoldReport> join(ShardFold.Output output, PartsFolder stage) {
    Optional<StagedDirectory> taken = stage.whole();
    if (taken.isEmpty()) {
      return Optional.empty();
    }
    try (StagedDirectory whole = taken.get()) {
      output.layout().shards().forEach(stage.made()::requireHeader);
      FoldReport report = output.finish(whole, stage.made().ledgers());
      stage.remove();
      return Optional.of(report);
    }
  }
}
