package dev.pleat.spark.files;

import java.net.URI;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A path of one of Hadoop's file systems. */
final class HadoopPath implements Path {
  private final HadoopFileSystem system;
  private final boolean absolute;
  private final List<String> parts;

  HadoopPath(HadoopFileSystem system, boolean absolute, List<String> parts) {
    this.system = system;
    this.absolute = absolute;
    this.parts = List.copyOf(parts);
  }

  static HadoopPath of(Path path) {
    if (path instanceof HadoopPath ours) {
      return ours;
    }
    throw new ProviderMismatchException(path + " is no path of Hadoop's");
  }

  /** The path within its file system. */
  String names() {
    return (absolute ? "/" : "") + String.join("/", parts);
  }

  org.apache.hadoop.fs.Path place() {
    return system.place((HadoopPath) toAbsolutePath());
  }

  private HadoopPath with(boolean rooted, List<String> names) {
    return new HadoopPath(system, rooted, names);
  }

  @Override
  public HadoopFileSystem getFileSystem() {
    return system;
  }

  @Override
  public boolean isAbsolute() {
    return absolute;
  }

  @Override
  public @Nullable Path getRoot() {
    return absolute ? with(true, List.of()) : null;
  }

  @Override
  public @Nullable Path getFileName() {
    return parts.isEmpty() ? null : with(false, List.of(parts.getLast()));
  }

  @Override
  public @Nullable Path getParent() {
    return parts.isEmpty() || (!absolute && parts.size() == 1)
        ? null
        : with(absolute, parts.subList(0, parts.size() - 1));
  }

  @Override
  public int getNameCount() {
    return parts.size();
  }

  @Override
  public Path getName(int index) {
    return with(false, List.of(parts.get(index)));
  }

  @Override
  public Path subpath(int from, int to) {
    return with(false, parts.subList(from, to));
  }

  @Override
  public boolean startsWith(Path other) {
    return other instanceof HadoopPath path
        && path.system.prefix().equals(system.prefix())
        && path.absolute == absolute
        && path.parts.size() <= parts.size()
        && parts.subList(0, path.parts.size()).equals(path.parts);
  }

  @Override
  public boolean endsWith(Path other) {
    return other instanceof HadoopPath path
        && path.parts.size() <= parts.size()
        && parts.subList(parts.size() - path.parts.size(), parts.size()).equals(path.parts);
  }

  @Override
  public Path normalize() {
    List<String> kept = new ArrayList<>();
    for (String part : parts) {
      if (part.equals("..") && !kept.isEmpty()) {
        kept.removeLast();
      } else if (!part.equals(".")) {
        kept.add(part);
      }
    }
    return with(absolute, kept);
  }

  @Override
  public Path resolve(Path other) {
    HadoopPath path = of(other);
    if (path.absolute) {
      return path;
    }
    List<String> names = new ArrayList<>(parts);
    names.addAll(path.parts);
    return with(absolute, names);
  }

  @Override
  public Path relativize(Path other) {
    HadoopPath path = of(other);
    if (!path.startsWith(this)) {
      throw new IllegalArgumentException(other + " is not below " + this);
    }
    return with(false, path.parts.subList(parts.size(), path.parts.size()));
  }

  @Override
  public URI toUri() {
    return place().toUri();
  }

  @Override
  public Path toAbsolutePath() {
    return with(true, parts);
  }

  @Override
  public Path toRealPath(LinkOption... options) {
    return toAbsolutePath().normalize();
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new UnsupportedOperationException("no watches");
  }

  @Override
  public int compareTo(Path other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HadoopPath path && path.toString().equals(toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  /** With its file system, as whoever gave it would write it. */
  @Override
  public String toString() {
    return absolute ? system.prefix() + names() : names();
  }
}
