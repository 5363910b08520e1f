package dev.pleat.spark.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.security.AccessControlException;
import org.jspecify.annotations.Nullable;

/** Does with Hadoop's file systems what is asked of paths. */
final class HadoopProvider extends FileSystemProvider {

  /** A failure in one line. */
  static String line(Throwable failure) {
    String message =
        Objects.requireNonNullElse(failure.getMessage(), "").lines().findFirst().orElse("");
    return message.isEmpty() ? failure.getClass().getSimpleName() : message;
  }

  /** A failure in Java's own terms. */
  static IOException io(Path path, IOException failure) {
    IOException known =
        switch (failure) {
          case FileNotFoundException missing -> new NoSuchFileException(path.toString());
          case org.apache.hadoop.fs.FileAlreadyExistsException there ->
              new FileAlreadyExistsException(path.toString());
          case AccessControlException refused ->
              new AccessDeniedException(path.toString(), null, line(refused));
          case FileSystemException said -> said;
          default -> new FileSystemException(path.toString(), null, line(failure));
        };
    if (known != failure) {
      known.initCause(failure);
    }
    return known;
  }

  private static org.apache.hadoop.fs.FileSystem store(Path path) {
    return HadoopPath.of(path).getFileSystem().store();
  }

  private static org.apache.hadoop.fs.Path place(Path path) {
    return HadoopPath.of(path).place();
  }

  static FileStatus status(Path path) throws IOException {
    try {
      return store(path).getFileStatus(place(path));
    } catch (IOException e) {
      throw io(path, e);
    }
  }

  @Override
  public String getScheme() {
    return "hadoop";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException("paths come with their file system");
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException("paths come with their file system");
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException("paths come with their file system");
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    if (!Set.of(StandardOpenOption.READ).containsAll(options)) {
      throw new UnsupportedOperationException(
          "files are written from their beginning to their end");
    }
    try {
      return RangeChannel.open(store(path), place(path));
    } catch (IOException e) {
      throw io(path, e);
    }
  }

  @Override
  public OutputStream newOutputStream(Path path, OpenOption... options) throws IOException {
    HadoopPath target = HadoopPath.of(path);
    if (target.getFileSystem().isLocal()) {
      // Which makes a new file in one step, as Hadoop's does not.
      return Files.newOutputStream(local(target), options);
    }
    boolean replaces = !Arrays.asList(options).contains(StandardOpenOption.CREATE_NEW);
    try {
      return store(path).create(place(path), replaces);
    } catch (IOException e) {
      throw io(path, e);
    }
  }

  private static Path local(HadoopPath path) {
    return Path.of(path.place().toUri().getPath());
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
    List<Path> paths = new ArrayList<>();
    try {
      for (FileStatus status : store(folder).listStatus(place(folder))) {
        Path path = folder.resolve(status.getPath().getName());
        if (filter.accept(path)) {
          paths.add(path);
        }
      }
    } catch (IOException e) {
      throw io(folder, e);
    }
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        return paths.iterator();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
    try {
      if (store(folder).exists(place(folder))) {
        throw new FileAlreadyExistsException(folder.toString());
      }
      if (!store(folder).mkdirs(place(folder))) {
        throw new FileSystemException(folder.toString(), null, "cannot be made");
      }
    } catch (IOException e) {
      throw io(folder, e);
    }
  }

  @Override
  public void delete(Path path) throws IOException {
    try {
      if (!store(path).delete(place(path), false)) {
        throw new NoSuchFileException(path.toString());
      }
    } catch (IOException e) {
      throw io(path, e);
    }
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) throws IOException {
    boolean replaces = Arrays.asList(options).contains(StandardCopyOption.REPLACE_EXISTING);
    OpenOption[] how =
        replaces
            ? new OpenOption[] {StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING}
            : new OpenOption[] {StandardOpenOption.CREATE_NEW};
    try (OutputStream out = newOutputStream(target, how)) {
      Files.copy(source, out);
    }
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    HadoopPath from = HadoopPath.of(source);
    HadoopPath to = HadoopPath.of(target);
    if (from.getFileSystem().isLocal()) {
      Files.move(local(from), local(to), StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    try {
      FileContext.getFileContext(store(source).getUri(), store(source).getConf())
          .rename(from.place(), to.place(), Options.Rename.OVERWRITE);
    } catch (IOException e) {
      throw io(target, e);
    }
  }

  @Override
  public boolean isSameFile(Path path, Path other) {
    return path.equals(other);
  }

  @Override
  public boolean isHidden(Path path) {
    return String.valueOf(path.getFileName()).startsWith(".");
  }

  @Override
  public FileStore getFileStore(Path path) {
    throw new UnsupportedOperationException("no stores");
  }

  /** Whether it is there; what may be done with it shows when it is done. */
  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    status(path);
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return null;
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    if (type != BasicFileAttributes.class) {
      throw new UnsupportedOperationException("no attributes but the basic ones");
    }
    return type.cast(new HadoopAttributes(status(path)));
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) {
    throw new UnsupportedOperationException("no attributes by name");
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options) {
    throw new UnsupportedOperationException("attributes stay as they are");
  }
}
