package dev.pleat.spark.files;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * One of Hadoop's file systems. Files are read by range and written from their beginning to their
 * end; nothing in them is changed.
 */
public final class HadoopFileSystem extends FileSystem {
  private static final Pattern LOCATION = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*");
  private static final HadoopProvider PROVIDER = new HadoopProvider();

  private final org.apache.hadoop.fs.FileSystem store;

  /** Names that lead elsewhere until they are let go. */
  private final Map<String, String> held = new ConcurrentHashMap<>();

  private HadoopFileSystem(org.apache.hadoop.fs.FileSystem store) {
    this.store = store;
  }

  /** Whether a text names a file system, as in {@code hdfs://host/folder}. */
  public static boolean isLocation(String text) {
    return LOCATION.matcher(text).matches();
  }

  /**
   * A path, of the local disk where no file system is named.
   *
   * @throws PleatException when there is no such file system
   */
  public static Path path(String location, Configuration configuration) {
    try {
      if (!isLocation(location)) {
        return local(Path.of(location).toAbsolutePath().normalize().toString(), configuration);
      }
      URI uri = new org.apache.hadoop.fs.Path(location).toUri();
      if (uri.getScheme().equals("file")) {
        return local(uri.getPath(), configuration);
      }
      return new HadoopFileSystem(org.apache.hadoop.fs.FileSystem.get(uri, configuration))
          .getPath(uri.getPath().isEmpty() ? "/" : uri.getPath());
    } catch (IOException | RuntimeException | NoClassDefFoundError e) { // Hadoop wraps at will.
      throw new PleatException(
          "%s: there is no such file system here (%s); for s3a:// Spark needs hadoop-aws, as spark-submit --packages org.apache.hadoop:hadoop-aws:VERSION gives it"
              .formatted(location, HadoopProvider.line(e)),
          e);
    }
  }

  private static Path local(String text, Configuration configuration) throws IOException {
    LocalFileSystem checked = org.apache.hadoop.fs.FileSystem.getLocal(configuration);
    // Without files of checksums beside each file.
    return new HadoopFileSystem(checked.getRawFileSystem()).getPath(text);
  }

  org.apache.hadoop.fs.FileSystem store() {
    return store;
  }

  boolean isLocal() {
    return store instanceof RawLocalFileSystem;
  }

  /** What a path of this file system leads to. */
  org.apache.hadoop.fs.Path place(HadoopPath path) {
    String text = path.names();
    URI uri = store.getUri();
    return new org.apache.hadoop.fs.Path(
        uri.getScheme(), uri.getAuthority(), held.getOrDefault(text, text));
  }

  /** What names of this file system begin with. */
  String prefix() {
    return isLocal() ? "" : store.getUri().toString();
  }

  /** Makes a path of this file system lead to another one until it is let go. */
  public void hold(Path path, Path elsewhere) {
    held.put(HadoopPath.of(path).names(), HadoopPath.of(elsewhere).names());
  }

  /** Makes a path lead where its name says. */
  public void letGo(Path path) {
    held.remove(HadoopPath.of(path).names());
  }

  @Override
  public HadoopPath getPath(String first, String... more) {
    String whole = more.length == 0 ? first : first + "/" + String.join("/", more);
    List<String> names = new ArrayList<>(Arrays.asList(whole.split("/+")));
    names.removeIf(String::isEmpty);
    return new HadoopPath(this, whole.startsWith("/"), names);
  }

  @Override
  public FileSystemProvider provider() {
    return PROVIDER;
  }

  /** Does nothing: Hadoop's own is shared, and closed at the end of the process. */
  @Override
  public void close() {}

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return "/";
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return List.of(getPath("/"));
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return List.of();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return Set.of("basic");
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    throw new UnsupportedOperationException("no patterns");
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    throw new UnsupportedOperationException("no owners");
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException("no watches");
  }
}
