package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Grey images of one IDX file, with labels of another. */
final class IdxImages implements ImageSet {
  private static final long LARGEST_SIDE = 1 << 14;

  private final Path source;
  private final IdxFile idx;
  private final Optional<int[]> labels;

  private IdxImages(Path source, IdxFile idx, Optional<int[]> labels) {
    this.source = source;
    this.idx = idx;
    this.labels = labels;
  }

  static IdxImages read(Path file, Optional<Path> labelFile) {
    IdxFile idx = IdxFile.read(file);
    long[] shape = idx.shape();
    if (shape.length != 3 || shape[1] > LARGEST_SIDE || shape[2] > LARGEST_SIDE) {
      throw new PleatException(
          "%s: IDX sizes %s are no images; expected count, height and width, each side up to %d"
              .formatted(file, Arrays.toString(shape), LARGEST_SIDE));
    }
    return new IdxImages(file, idx, labelFile.map(l -> Labels.read(l, file, shape[0])));
  }

  @Override
  public Path source() {
    return source;
  }

  @Override
  public int count() {
    return (int) idx.shape()[0];
  }

  @Override
  public Image image(int index) {
    int height = (int) idx.shape()[1];
    int width = (int) idx.shape()[2];
    MemorySegment pixels =
        idx.elements().asSlice((long) index * height * width, (long) height * width);
    return new Image(height, width, 1, pixels.toArray(ValueLayout.JAVA_BYTE));
  }

  @Override
  public String describe(int index) {
    return "image %d of %s".formatted(index, source);
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
    return List.of();
  }
}
