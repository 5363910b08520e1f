package dev.pleat.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.llm.CheckpointFolding;
import dev.pleat.llm.ClusterFolding;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivilegedAction;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folds from and to HDFS. */
class HdfsFoldTest {
  @TempDir private static Path folder;
  private static MiniDFSCluster hdfs;
  private static Map<String, String> whole = Map.of();

  @BeforeAll
  static void start() throws IOException {
    Configuration settings = new Configuration();
    settings.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    hdfs = new MiniDFSCluster.Builder(settings).numDataNodes(1).build();
    Path input = Stories.write(folder.resolve("in"), 3);
    FileSystem files = hdfs.getFileSystem();
    files.copyFromLocalFile(
        new org.apache.hadoop.fs.Path(input.toUri()), new org.apache.hadoop.fs.Path("/models/in"));
    CheckpointFolding.fold(Stories.quarter(input, folder.resolve("whole")), Progress.SILENT);
    whole = Stories.hashes(folder.resolve("whole"));
  }

  @AfterAll
  static void stop() {
    hdfs.shutdown(true);
  }

  private static String at(String path) throws IOException {
    return hdfs.getFileSystem().getUri() + path;
  }

  private static void fold(String input, String output) {
    ClusterFolding cluster = ClusterFolding.find();
    cluster.fold(
        Stories.quarter(cluster.path(input), cluster.path(output)), "local[2]", Progress.SILENT);
  }

  @Test
  void hdfs_gets_the_bytes_that_threads_make_on_a_disk() throws IOException {
    fold(at("/models/in"), at("/models/out"));

    assertThat(Stories.hashes(ClusterFolding.find().path(at("/models/out")))).isEqualTo(whole);
  }

  @Test
  void input_and_output_may_lie_on_different_file_systems() throws IOException {
    fold(at("/models/in"), "file://" + folder.resolve("out"));

    assertThat(Stories.hashes(folder.resolve("out"))).isEqualTo(new TreeMap<>(whole));
  }

  @Test
  void what_may_not_be_read_or_written_is_named() throws IOException {
    FileSystem files = hdfs.getFileSystem();
    files.mkdirs(new org.apache.hadoop.fs.Path("/closed/in"));
    files.setPermission(new org.apache.hadoop.fs.Path("/closed"), new FsPermission((short) 0700));
    String closed = at("/closed/in");
    String open = at("/models/in");

    asNobody(() ->
        assertThatThrownBy(() -> fold(closed, folder.resolve("refused").toString()))
            .isInstanceOf(PleatException.class)
            .hasMessageContaining(closed + ": cannot be read (")
            .hasMessageContaining("Permission denied: user=nobody")
            .message()
            .doesNotContain("\n"));
    asNobody(() ->
        assertThatThrownBy(() -> fold(open, closed))
            .isInstanceOf(PleatException.class)
            .hasMessageContaining(closed)
            .hasMessageContaining("Permission denied: user=nobody")
            .message()
            .doesNotContain("\n"));
    assertThat(folder.resolve("refused")).doesNotExist();
  }

  private static void asNobody(Runnable work) {
    UserGroupInformation.createRemoteUser("nobody")
        .doAs(
            (PrivilegedAction<Boolean>)
                () -> {
                  work.run();
                  return true;
                });
  }
}
