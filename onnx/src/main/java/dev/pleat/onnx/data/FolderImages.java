package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Image files of a folder with one sub-folder a class, or of a flat one. Sorted by name. */
final class FolderImages implements ImageSet {
  private final Path source;
  private final List<Path> files;
  private final Optional<int[]> labels;
  private final List<String> classNames;

  private FolderImages(
      Path source, List<Path> files, Optional<int[]> labels, List<String> classNames) {
    this.source = source;
    this.files = files;
    this.labels = labels;
    this.classNames = classNames;
    if (files.isEmpty()) {
      throw new PleatException(
          "%s: no .png, .jpg, .jpeg, .bmp or .gif in it; give a folder of images, or one with a sub-folder a class"
              .formatted(source));
    }
  }

  static FolderImages read(Path folder, Optional<Path> labelFile) {
    List<Path> flat = list(folder, FolderImages::isImage);
    List<Path> classes = list(folder, Files::isDirectory);
    if (classes.isEmpty()) {
      Optional<int[]> labels =
          flat.isEmpty()
              ? Optional.empty()
              : labelFile.map(file -> Labels.read(file, folder, flat.size()));
      return new FolderImages(folder, flat, labels, List.of());
    }
    if (!flat.isEmpty()) {
      throw new PleatException(
          "%s: holds images (%s) beside sub-folders (%s); keep all images in the folders of their classes"
              .formatted(folder, flat.getFirst().getFileName(), classes.getFirst().getFileName()));
    }
    if (labelFile.isPresent()) {
      throw new PleatException(
          "%s: its sub-folders are the classes, so leave out --labels %s"
              .formatted(folder, labelFile.get()));
    }
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int c = 0; c < classes.size(); c++) {
      for (Path file : list(classes.get(c), FolderImages::isImage)) {
        files.add(file);
        labels.add(c);
      }
    }
    return new FolderImages(
        folder,
        List.copyOf(files),
        Optional.of(labels.stream().mapToInt(Integer::intValue).toArray()),
        classes.stream().map(c -> c.getFileName().toString()).toList());
  }

  private static List<Path> list(Path folder, Predicate<Path> wanted) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> !path.getFileName().toString().startsWith("."))
          .filter(wanted)
          .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw FileContents.unreadable(folder, e);
    }
  }

  private static boolean isImage(Path path) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.matches(".*\\.(png|jpe?g|bmp|gif)") && Files.isRegularFile(path);
  }

  @Override
  public Path source() {
    return source;
  }

  @Override
  public int count() {
    return files.size();
  }

  @Override
  public Image image(int index) {
    return ImageDecoder.decode(files.get(index));
  }

  @Override
  public String describe(int index) {
    return files.get(index).toString();
  }

  @Override
  public boolean labelled() {
    return labels.isPresent();
  }

  @Override
  public OptionalInt label(int index) {
    return labels.map(l -> OptionalInt.of(l[index])).orElse(OptionalInt.empty());
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }
}
