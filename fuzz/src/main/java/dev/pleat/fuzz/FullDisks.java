package dev.pleat.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Folds onto a disk that has room for less and less: {@code FOLDER}. The disk is a small file
 * system in memory where this user may mount one; elsewhere a limit on the size of files, which the
 * system meets with the same kind of failure.
 */
public final class FullDisks {
  private static final int KIBIBYTES = 512;

  private final Path folder;
  private final Path disk;
  private final boolean mounted;
  private int tried;
  private int faults;

  private FullDisks(Path folder, Path disk, boolean mounted) {
    this.folder = folder;
    this.disk = disk;
    this.mounted = mounted;
  }

  /** Tries and prints what became of it; leaves with 1 when anything was lost or left. */
  public static void main(String... arguments) throws Exception {
    Path folder = Seeds.unpack(Files.createDirectories(Path.of(arguments[0])).toAbsolutePath());
    Path disk = Files.createDirectories(folder.resolve("disk"));
    boolean mounted =
        run("mount", "-t", "tmpfs", "-o", "size=" + KIBIBYTES + "k", "tmpfs", disk.toString());
    FullDisks full = new FullDisks(folder, disk, mounted);
    try {
      Map<String, String> before = Kills.contents(folder.resolve("llama"));
      full.file();
      full.directory();
      full.check(before.equals(Kills.contents(folder.resolve("llama"))), "the input changed");
    } finally {
      if (mounted) {
        run("umount", disk.toString());
      }
    }
    System.out.printf(
        "%d folds onto %s: %d faults%n",
        full.tried, mounted ? "a full disk" : "files of limited size", full.faults);
    System.exit(full.faults == 0 ? 0 : 1);
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException noSuchCommand) {
      return false;
    }
  }

  /** A file appears whole or not at all. */
  private void file() throws IOException, InterruptedException {
    String fold = "fold @outside.onnx -o @disk/out.onnx --channels 0.25 --repair none -q";
    for (int room : new int[] {0, 1, 2, 4, 8}) {
      Child child = fold(fold, room);
      boolean done = child.end() == 0;
      check(done == Files.exists(disk.resolve("out.onnx")), "half an output with " + room);
      check(done || isOneLine(child), child.said());
      nothingLeft();
      empty();
    }
  }

  /** A directory can be gone on with, and is then what it would have been. */
  private void directory() throws IOException, InterruptedException {
    String fold = "fold @llama -o @disk/out --channels 0.25 --repair none -q";
    Child whole = fold(fold, KIBIBYTES);
    check(whole.end() == 0, whole.said());
    Map<String, String> wanted = Kills.contents(disk.resolve("out"));
    empty();
    for (int room : new int[] {0, 1, 4, 8, 16, 24}) {
      Child child = fold(fold, room);
      boolean done = child.end() == 0;
      check(done == Files.exists(disk.resolve("out")), "half an output with " + room);
      check(done || isOneLine(child), child.said());
      Files.deleteIfExists(disk.resolve("ballast"));
      if (!done) {
        Child resumed = fold(fold + " --resume", KIBIBYTES);
        check(resumed.end() == 0, resumed.said());
      }
      check(wanted.equals(Kills.contents(disk.resolve("out"))), "another output with " + room);
      nothingLeft();
      empty();
    }
  }

  /** Folds with so many kibibytes free. */
  private Child fold(String command, int room) throws IOException {
    tried++;
    if (mounted) {
      try {
        if (room < KIBIBYTES) {
          Path ballast = disk.resolve("ballast");
          long free = Files.getFileStore(disk).getUsableSpace();
          Files.write(ballast, new byte[(int) Math.max(0, free - room * 1024L)]);
        }
      } catch (IOException full) {
        throw new IOException("the disk does not take its ballast", full);
      }
      return Child.pleat(folder, List.of(), command);
    }
    int blocks = room == KIBIBYTES ? 1 << 20 : room;
    return Child.pleat(
        folder,
        List.of(
            "bash", "-c", "trap '' XFSZ; ulimit -f %d; exec \"$@\"".formatted(blocks), "limited"),
        command);
  }

  private static boolean isOneLine(Child child) throws IOException {
    return child.said().lines().count() == 1 && child.said().startsWith("pleat: ");
  }

  private void nothingLeft() throws IOException {
    try (Stream<Path> files = Files.list(disk)) {
      List<String> left =
          files.map(f -> f.getFileName().toString()).filter(n -> n.contains(".pleat-")).toList();
      check(left.isEmpty(), "left: " + left);
    }
  }

  private void empty() throws IOException {
    try (Stream<Path> files = Files.list(disk)) {
      for (Path file : files.toList()) {
        Worker.delete(file);
      }
    }
  }

  private void check(boolean holds, String fault) {
    if (!holds) {
      faults++;
      System.out.println("fault: " + fault);
    }
  }
}
