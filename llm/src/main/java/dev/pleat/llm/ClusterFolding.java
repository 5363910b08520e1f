package dev.pleat.llm;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.FoldReport;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import java.nio.file.Path;
import java.util.ServiceLoader;

/**
 * Folds directories on a cluster. Whoever does so is found on the class path, since a cluster's
 * libraries are larger than all others together.
 */
public interface ClusterFolding {
  /**
   * A path of any file system that the cluster reads and writes.
   *
   * @param location such as {@code hdfs://host/folder}; a file of this machine where no file system
   *     is named
   * @throws PleatException when there is no such file system
   */
  Path path(String location);

  /**
   * Folds as {@link CheckpointFolding#fold} does, to the same bytes. What an earlier run has
   * finished of the same output is taken over.
   *
   * @param request with paths of this machine, or as {@link #path} gives them
   * @param master the cluster, such as {@code spark://host:7077}; empty where whoever started this
   *     process has said it
   * @throws PleatException when the fold runs the model, the cluster does not answer, the input is
   *     wrong or changes, or the output exists, is made by somebody else or cannot be written
   */
  FoldReport fold(CheckpointFoldRequest request, String master, Progress progress);

  /**
   * What is on the class path.
   *
   * @throws PleatException when there is nothing
   */
  static ClusterFolding find() {
    return ServiceLoader.load(ClusterFolding.class, ClusterFolding.class.getClassLoader())
        .findFirst()
        .orElseThrow(() ->
            new PleatException(
                "--spark and hdfs:// or s3a:// paths need Spark, which is not on the class path; make Pleat's jar for it with ./mvnw -Pspark -DskipTests package -pl spark -am, and give that to spark-submit"));
  }
}
