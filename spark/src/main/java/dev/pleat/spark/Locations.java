package dev.pleat.spark;

import dev.pleat.core.PleatException;
import dev.pleat.spark.files.HadoopFileSystem;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;

/** Paths as driver and executors see them. */
final class Locations {
  private Locations() {}

  /** Hadoop's settings, with what Spark's say of them, on a driver and on an executor. */
  private static Configuration configuration() {
    SparkEnv environment = SparkEnv.get();
    SparkConf settings = environment == null ? new SparkConf() : environment.conf();
    return SparkHadoopUtil.get().newConfiguration(settings);
  }

  /**
   * A path to write to, through Hadoop.
   *
   * @throws PleatException when there is no such file system
   */
  static Path written(String location) {
    return HadoopFileSystem.path(location, configuration());
  }

  /**
   * A path to read from. Of this machine's own disk, files are mapped instead of read.
   *
   * @throws PleatException when there is no such file system
   */
  static Path read(String location) {
    Path path = written(location);
    return HadoopFileSystem.isLocation(path.toString()) ? path : Path.of(path.toString());
  }

  /**
   * Refuses an input that is not there or may not be read, and says why.
   *
   * @throws PleatException that names it
   */
  static void requireReadable(Path input) {
    try {
      if (!Files.readAttributes(input, BasicFileAttributes.class).isDirectory()) {
        throw new PleatException(
            "%s: is a file; give the directory that holds config.json".formatted(input));
      }
    } catch (NoSuchFileException e) {
      throw new PleatException("%s: there is no such directory".formatted(input), e);
    } catch (FileSystemException e) {
      throw new PleatException(
          "%s: cannot be read (%s); give what can be reached with these credentials"
              .formatted(input, Objects.requireNonNullElse(e.getReason(), "no reason given")),
          e);
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(input, e), e);
    }
  }

  /**
   * Refuses an output that holds the input or lies in it.
   *
   * @throws PleatException that names both
   */
  static void requireApart(Path input, Path output) {
    Path source = written(input.toString());
    if (source.startsWith(output) || output.startsWith(source)) {
      throw new PleatException(
          "the output %s is the input %s or one lies in the other; give another directory with -o"
              .formatted(output, input));
    }
  }
}
