package dev.pleat.core.linalg;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts native libraries from the class path into a folder, from where the system can load them.
 *
 * <p>The folder is named after the checksums that the jar states for its entries, and each file
 * appears there whole, by renaming. So a start that finds files of the right size copies nothing
 * and reads nothing.
 */
public final class NativeCache {
  private static final Logger LOG = LoggerFactory.getLogger(NativeCache.class);

  private final Path root;

  /** A cache below the given folder, which need not exist. */
  NativeCache(Path root) {
    this.root = root;
  }

  /**
   * The cache of this user: {@code pleat.cache}, else {@code XDG_CACHE_HOME/pleat}, else {@code
   * ~/.cache/pleat}.
   */
  public static NativeCache ofUser() {
    String chosen = System.getProperty("pleat.cache", "");
    if (!chosen.isEmpty()) {
      return new NativeCache(Path.of(chosen));
    }
    String shared = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
    boolean valid = !shared.isEmpty() && Path.of(shared).isAbsolute();
    Path base = valid ? Path.of(shared) : Path.of(System.getProperty("user.home", ""), ".cache");
    return new NativeCache(base.resolve("pleat"));
  }

  /**
   * The files of a platform's libraries, in loading order, extracted where they are not yet.
   *
   * @throws IOException when a library is not on the class path or can be written nowhere
   */
  List<Path> libraries(NativePlatform platform) throws IOException {
    return libraries(
        "openblas-" + platform.name(),
        platform.libraries().stream().map(platform::resource).toList(),
        "org.bytedeco:openblas of this platform");
  }

  /**
   * The files of some libraries, extracted where they are not yet.
   *
   * @param kind what they are, as part of a folder's name
   * @param resources where they are on the class path, in loading order
   * @param jar which jar has them, for messages
   * @throws IOException when a library is not on the class path or can be written nowhere
   */
  public List<Path> libraries(String kind, List<String> resources, String jar) throws IOException {
    List<Entry> entries = new ArrayList<>();
    long key = 0;
    for (String resource : resources) {
      Entry entry = Entry.find(resource, jar);
      entries.add(entry);
      key = 31 * key + entry.checksum();
    }
    String name = kind + "-" + Long.toHexString(key);
    try {
      return extract(entries, root.resolve("natives").resolve(name));
    } catch (IOException e) {
      LOG.warn(
          "cannot keep native libraries in {} ({}); copying them to a temporary folder at every"
              + " start, choose another place with -Dpleat.cache=FOLDER",
          root,
          e.toString());
      Path folder = Files.createTempDirectory("pleat-natives-");
      folder.toFile().deleteOnExit();
      List<Path> files = extract(entries, folder);
      files.forEach(file -> file.toFile().deleteOnExit());
      return files;
    }
  }

  private static List<Path> extract(List<Entry> entries, Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Entry entry : entries) {
      Path file = folder.resolve(entry.name());
      if (!isWhole(file, entry)) {
        Files.createDirectories(folder);
        write(entry, file);
      }
      files.add(file);
    }
    return files;
  }

  private static boolean isWhole(Path file, Entry entry) throws IOException {
    return Files.isRegularFile(file) && Files.size(file) == entry.size();
  }

  private static void write(Entry entry, Path file) throws IOException {
    Path aside = Files.createTempFile(file.getParent(), entry.name(), ".part");
    try {
      try (InputStream in = entry.open();
          FileChannel out = FileChannel.open(aside, StandardOpenOption.WRITE)) {
        long written = in.transferTo(Channels.newOutputStream(out));
        if (written != entry.size()) {
          throw new IOException(
              "%s holds %d bytes, expected %d".formatted(entry.url(), written, entry.size()));
        }
        out.force(true);
      }
      try {
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        // Another process may have been first, and on Windows may have loaded the file already.
        if (!isWhole(file, entry)) {
          throw e;
        }
      }
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  /** A library on the class path; checksum and size are those that the jar states. */
  private record Entry(String name, URL url, long size, long checksum) {

    static Entry find(String resource, String jarName) throws IOException {
      String name = resource.substring(resource.lastIndexOf('/') + 1);
      URL url = NativeCache.class.getClassLoader().getResource(resource);
      if (url == null) {
        throw new IOException(
            "%s is not on the class path; add the jar %s".formatted(resource, jarName));
      }
      URLConnection connection = url.openConnection();
      if (connection instanceof JarURLConnection jar) {
        return new Entry(name, url, jar.getJarEntry().getSize(), jar.getJarEntry().getCrc());
      }
      long size = connection.getContentLengthLong();
      return new Entry(name, url, size, 31 * size + connection.getLastModified());
    }

    InputStream open() throws IOException {
      return url.openStream();
    }
  }
}
