package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The binary versions of CIFAR-10 (a label, then 3 × 32 × 32 pixels) and CIFAR-100 (a coarse label,
 * the label, then the pixels).
 */
final class CifarImages implements ImageSet {
  private static final int SIDE = 32;
  private static final int PIXELS = 3 * SIDE * SIDE;

  private final Path source;
  private final List<MemorySegment> files;
  private final List<Integer> starts;
  private final int labelBytes;
  private final int count;
  private final List<String> classNames;

  private CifarImages(
      Path source, List<MemorySegment> files, int labelBytes, List<String> classNames) {
    this.source = source;
    this.files = files;
    this.labelBytes = labelBytes;
    this.classNames = classNames;
    this.starts = new ArrayList<>();
    long total = 0;
    for (MemorySegment file : files) {
      starts.add((int) total);
      total += file.byteSize() / (labelBytes + PIXELS);
      if (total > Integer.MAX_VALUE) {
        throw new PleatException("%s: more than 2^31 images; give fewer files".formatted(source));
      }
    }
    this.count = (int) total;
    checkLabels();
  }

  /** Whether a file of this length can hold CIFAR records. */
  static boolean fits(long length) {
    return length > 0 && (length % (1 + PIXELS) == 0 || length % (2 + PIXELS) == 0);
  }

  /**
   * The CIFAR files of a folder: the test images where they are there, else the training ones; none
   * where the folder is of another kind.
   */
  static List<Path> filesOf(Path folder) {
    for (String names : List.of("test_batch\\.bin|test\\.bin", "data_batch_.+\\.bin|train\\.bin")) {
      try (Stream<Path> all = Files.list(folder)) {
        List<Path> found =
            all.filter(file -> file.getFileName().toString().matches(names)).sorted().toList();
        if (!found.isEmpty()) {
          return found;
        }
      } catch (IOException e) {
        throw FileContents.unreadable(folder, e);
      }
    }
    return List.of();
  }

  static CifarImages read(Path source, List<Path> paths) {
    List<MemorySegment> files = new ArrayList<>();
    boolean ten = true;
    boolean hundred = true;
    for (Path path : paths) {
      MemorySegment bytes = FileContents.mapped(path);
      if (!fits(bytes.byteSize())) {
        throw new PleatException(
            "%s: %d bytes are no whole number of CIFAR records (%d bytes for CIFAR-10, %d for CIFAR-100); fetch it again"
                .formatted(path, bytes.byteSize(), 1 + PIXELS, 2 + PIXELS));
      }
      ten &= bytes.byteSize() % (1 + PIXELS) == 0;
      hundred &= bytes.byteSize() % (2 + PIXELS) == 0;
      files.add(bytes);
    }
    if (!ten && !hundred) {
      throw new PleatException(
          "%s: holds CIFAR-10 and CIFAR-100 files at once; give one of them".formatted(source));
    }
    Path folder = Files.isDirectory(source) ? source : source.toAbsolutePath().getParent();
    int labelBytes = ten ? 1 : 2;
    Path names =
        Optional.ofNullable(folder)
            .orElse(source)
            .resolve(ten ? "batches.meta.txt" : "fine_label_names.txt");
    return new CifarImages(source, files, labelBytes, names(names));
  }

  private static List<String> names(Path file) {
    if (!Files.isRegularFile(file)) {
      return List.of();
    }
    try {
      return Files.readAllLines(file).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .toList();
    } catch (IOException e) {
      throw FileContents.unreadable(file, e);
    }
  }

  private void checkLabels() {
    int classes = labelBytes == 1 ? 10 : 100;
    for (int i = 0; i < count; i++) {
      int label = label(i).orElseThrow();
      if (label >= classes) {
        throw new PleatException(
            "%s: the label of record %d is %d, expected less than %d; is it CIFAR-%d?"
                .formatted(source, i, label, classes, classes));
      }
    }
  }

  private MemorySegment record(int index) {
    int file = starts.size() - 1;
    while (starts.get(file) > index) {
      file--;
    }
    long size = PIXELS + (long) labelBytes;
    return files.get(file).asSlice((index - starts.get(file)) * size, size);
  }

  @Override
  public Path source() {
    return source;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public Image image(int index) {
    byte[] pixels = record(index).asSlice(labelBytes).toArray(ValueLayout.JAVA_BYTE);
    return new Image(SIDE, SIDE, 3, pixels);
  }

  @Override
  public String describe(int index) {
    return "image %d of %s".formatted(index, source);
  }

  @Override
  public boolean labelled() {
    return true;
  }

  @Override
  public OptionalInt label(int index) {
    return OptionalInt.of(record(index).get(ValueLayout.JAVA_BYTE, labelBytes - 1L) & 0xff);
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }
}
