package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Opens images of any kind that is known, by what the path holds and never by its name. */
public final class ImageSets {
  private ImageSets() {}

  /**
   * Opens a folder of images, an IDX file (packed by gzip or not), a CIFAR binary or a folder of
   * them (its test images where it has both).
   *
   * @param labels an IDX file of labels, for images that carry none
   * @throws PleatException when there is nothing there, it is of no known kind, it is damaged, or
   *     the labels do not fit
   */
  public static ImageSet open(Path path, Optional<Path> labels) {
    checkReadable(path.toString(), path);
    labels.ifPresent(ImageSets::checkLabels);
    if (Files.isDirectory(path)) {
      List<Path> cifar = CifarImages.filesOf(path);
      return cifar.isEmpty() ? FolderImages.read(path, labels) : cifar(path, cifar, labels);
    }
    if (!Files.isRegularFile(path)) {
      throw new PleatException(
          path + ": no ordinary file, and nothing is read from pipes; give a file or a folder");
    }
    MemorySegment bytes = FileContents.mapped(path);
    // A CIFAR record may begin like an IDX header, but not with sizes that fit the file.
    boolean cifar = CifarImages.fits(bytes.byteSize()) && !FileContents.isGzip(bytes);
    if (cifar && !IdxFile.fits(path, bytes)) {
      return cifar(path, List.of(path), labels);
    }
    if (!FileContents.isGzip(bytes) && !IdxFile.begins(bytes)) {
      throw new PleatException(
          "%s: no image data that is known; give a folder of images, an IDX file or a CIFAR binary (%d bytes are no whole number of CIFAR records)"
              .formatted(path, bytes.byteSize()));
    }
    return IdxImages.read(path, labels);
  }

  private static ImageSet cifar(Path path, List<Path> files, Optional<Path> labels) {
    if (labels.isPresent()) {
      throw new PleatException(
          "%s: CIFAR binaries carry their labels, so leave out --labels %s"
              .formatted(path, labels.get()));
    }
    return CifarImages.read(path, files);
  }

  private static void checkLabels(Path file) {
    String name = "--labels " + file;
    checkReadable(name, file);
    if (!Files.isRegularFile(file)) {
      throw new PleatException(name + ": not a file; give an IDX file");
    }
  }

  private static void checkReadable(String name, Path path) {
    if (!Files.isReadable(path)) {
      throw new PleatException(name + ": no such file, or not readable");
    }
  }
}
