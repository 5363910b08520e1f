package dev.pleat.spark;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.FoldReport;
import dev.pleat.llm.ClusterFolding;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.fold.InputHashes;
import dev.pleat.llm.fold.MadeFiles;
import dev.pleat.llm.fold.OutputLayout;
import dev.pleat.llm.fold.ShardFold;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Folds on Spark: the driver of a job. */
public final class SparkFolding implements ClusterFolding {
  static final String OPTION = "--spark";

  /** For {@link java.util.ServiceLoader}. */
  public SparkFolding() {}

  @Override
  public Path path(String location) {
    return Locations.read(location);
  }

  @Override
  public FoldReport fold(CheckpointFoldRequest request, String master, Progress progress) {
    ShardFold.requireIndependent(request, OPTION);
    Path output = Locations.written(request.output().toString());
    Locations.requireReadable(request.input());
    Locations.requireApart(request.input(), output);
    try (ShardFold fold = ShardFold.open(request, OPTION, progress);
        OutputFolder stage = OutputFolder.open(output);
        Cluster cluster = Cluster.connect(master)) {
      stage.keep();
      try {
        return run(fold, FoldJob.of(request, output), stage, cluster, progress);
      } catch (PleatException e) {
        // What the cluster or a disk interrupts can go on; what is wrong with the model cannot.
        if (e.getCause() == null) {
          stage.discard();
        }
        throw e;
      }
    }
  }

  private static FoldReport run(
      ShardFold fold, FoldJob job, OutputFolder stage, Cluster cluster, Progress progress) {
    List<String> inputs =
        fold.inputs().stream().map(file -> String.valueOf(file.getFileName())).toList();
    Map<String, String> states = new HashMap<>();
    fold.inputs()
        .forEach(file -> states.put(String.valueOf(file.getFileName()), InputHashes.state(file)));
    Map<String, String> hashes = new HashMap<>();
    cluster
        .forEach("hash", inputs, new HashTask(job), progress)
        .forEach(outcome -> hashes.put(outcome.file(), outcome.found()));
    fold.inputs()
        .forEach(file ->
            InputHashes.requireState(
                file, states.getOrDefault(String.valueOf(file.getFileName()), "")));
    ShardFold.Output planned =
        fold.output(file -> hashes.getOrDefault(String.valueOf(file.getFileName()), ""));
    MadeFiles made = stage.made();
    List<OutputLayout.Shard> shards = planned.layout().shards();
    shards.forEach(made::requireHeader);
    // The largest first, so that no executor begins one when the others are done.
    List<String> names =
        shards.stream()
            .sorted(Comparator.comparingLong(OutputLayout.Shard::bytes).reversed())
            .map(OutputLayout.Shard::name)
            .toList();
    cluster.forEach("fold", names, new FoldTask(job, hashes, states), progress);
    stage.requireHeld();
    for (OutputLayout.Shard shard : shards) {
      if (!made.isWhole(shard)) {
        throw new PleatException(
            "%s: is not as it was made; leave the output alone and start the job again: it goes on"
                .formatted(made.file(shard.name())));
      }
      made.requireHeader(shard);
    }
    return planned.finish(stage, made.ledgers());
  }
}
