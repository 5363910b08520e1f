package dev.pleat.onnx.data;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/** The image input of a model: fills its batches with preprocessed images. */
public final class ImageInput {
  private static final int OPEN = -1;
  private static final int DIMENSIONS = 4;
  private static final Set<Integer> FLOATS =
      Set.of(
          TensorProto.DataType.FLOAT_VALUE,
          TensorProto.DataType.FLOAT16_VALUE,
          TensorProto.DataType.BFLOAT16_VALUE,
          TensorProto.DataType.DOUBLE_VALUE);

  private final String name;
  private final Layout layout;
  private final int batch;
  private final int channels;
  private final int height;
  private final int width;
  private final Preprocessing preprocessing;

  private ImageInput(String name, Layout layout, int[] nchw, Preprocessing preprocessing) {
    this.name = name;
    this.layout = layout;
    this.batch = nchw[0];
    this.channels = nchw[1];
    this.height = nchw[2];
    this.width = nchw[3];
    this.preprocessing = preprocessing;
  }

  /**
   * The image input of a model.
   *
   * @param inputs the inputs of the model
   * @param shapes sizes given for dimensions that the model leaves open, by input name; {@code *}
   *     is the only input. The batch in them is not used.
   * @throws PleatException when the model has another number of inputs than one, or that one is no
   *     batch of images
   */
  public static ImageInput of(
      List<TensorType> inputs, Map<String, long[]> shapes, Preprocessing preprocessing) {
    if (inputs.size() != 1) {
      throw new PleatException(
          "the model has %d inputs (%s), but images fill just one; give no images"
              .formatted(inputs.size(), inputs.stream().map(TensorType::name).toList()));
    }
    TensorType input = inputs.getFirst();
    long[] shape = input.shape().clone();
    if (!input.isFloat() || shape.length != DIMENSIONS) {
      throw new PleatException(
          "the input '%s' %s takes no images: expected floating point with 4 dimensions, such as [-1, 3, 224, 224]; give no images"
              .formatted(input.name(), Arrays.toString(shape)));
    }
    Optional<long[]> given =
        Optional.ofNullable(shapes.get(input.name()))
            .or(() -> Optional.ofNullable(shapes.get("*")));
    given.ifPresent(sizes -> {
      for (int d = 1; d < 4 && sizes.length == 4; d++) {
        shape[d] = shape[d] < 0 ? sizes[d] : shape[d];
      }
    });
    Layout layout = preprocessing.layout().orElseGet(() -> layoutOf(shape));
    int[] axes = layout == Layout.NCHW ? new int[] {0, 1, 2, 3} : new int[] {0, 3, 1, 2};
    int[] nchw = new int[4];
    for (int d = 0; d < 4; d++) {
      long size = shape[axes[d]];
      if (size == 0 || size > Integer.MAX_VALUE) {
        throw new PleatException(
            "the input '%s' %s has no usable image size"
                .formatted(input.name(), Arrays.toString(shape)));
      }
      nchw[d] = size < 0 ? OPEN : (int) size;
    }
    return new ImageInput(input.name(), layout, nchw, preprocessing);
  }

  /** Whether images could fill what a model reads, as far as its file tells. */
  public static boolean takesImages(OnnxModel model) {
    List<ValueInfoProto> read =
        model.graph().getInputList().stream()
            .filter(input -> !model.constants().containsKey(input.getName()))
            .toList();
    if (read.size() != 1) {
      return false;
    }
    TypeProto.Tensor type = read.getFirst().getType().getTensorType();
    return FLOATS.contains(type.getElemType()) && type.getShape().getDimCount() == DIMENSIONS;
  }

  /** Channels come first unless only the last axis looks like channels. */
  private static Layout layoutOf(long[] shape) {
    boolean first = shape[1] == 1 || shape[1] == 3;
    boolean last = shape[3] == 1 || shape[3] == 3;
    return last && !first ? Layout.NHWC : Layout.NCHW;
  }

  /** The input's name. */
  public String name() {
    return name;
  }

  /** The order of its axes. */
  public Layout layout() {
    return layout;
  }

  /** The batch that the model is fixed to; empty where it takes any. */
  public OptionalInt fixedBatch() {
    return batch == OPEN ? OptionalInt.empty() : OptionalInt.of(batch);
  }

  /**
   * A batch of the images {@code from} to {@code to}, excluded. Where these are fewer than {@code
   * size}, the last one is repeated to fill it.
   *
   * @throws PleatException when an image does not fit the input, or the batch is too large to hold
   */
  public TensorValue.Floats batch(ImageSet images, int from, int to, int size) {
    return batch(
        images, IntStream.range(from, from + size).map(i -> Math.min(i, to - 1)).toArray());
  }

  /**
   * A batch of some images, in the given order.
   *
   * @param indices which, at least one; one that follows itself is decoded once
   * @throws PleatException when an image does not fit the input, or the batch is too large to hold
   */
  public TensorValue.Floats batch(ImageSet images, int[] indices) {
    Image image = images.image(indices[0]);
    ImageSize target = target(image);
    float[] values = allocate(image.channels(), target, indices.length);
    int length = values.length / indices.length;
    int c = image.channels();
    for (int i = 0; i < indices.length; i++) {
      if (i > 0 && indices[i] == indices[i - 1]) {
        System.arraycopy(values, (i - 1) * length, values, i * length, length);
        continue;
      }
      Image next = i == 0 ? image : images.image(indices[i]);
      check(images, indices[i], next, c, target);
      fill(next, target, values, i * length);
    }
    long[] shape =
        layout == Layout.NCHW
            ? new long[] {indices.length, c, target.height(), target.width()}
            : new long[] {indices.length, target.height(), target.width(), c};
    return new TensorValue.Floats(shape, values);
  }

  private float[] allocate(int c, ImageSize to, int size) {
    long count = (long) size * c * to.height() * to.width();
    // Twice: the runtime takes a copy outside the heap.
    if (count > Integer.MAX_VALUE / 4 || count * 4 > Runtime.getRuntime().maxMemory() / 2) {
      throw new PleatException(
          "a batch of %d images of %dx%s is too large to hold; give a smaller --batch"
              .formatted(size, c, to));
    }
    return new float[(int) count];
  }

  private ImageSize target(Image first) {
    int h =
        height == OPEN
            ? preprocessing.size().map(ImageSize::height).orElse(first.height())
            : height;
    int w =
        width == OPEN ? preprocessing.size().map(ImageSize::width).orElse(first.width()) : width;
    ImageSize target = new ImageSize(h, w);
    preprocessing
        .size()
        .filter(size -> !size.equals(target))
        .ifPresent(size -> {
          throw new PleatException(
              "--size %s does not fit the input '%s', which takes %s"
                  .formatted(size, name, target));
        });
    return target;
  }

  private void check(ImageSet images, int index, Image image, int firstChannels, ImageSize to) {
    int expected = channels == OPEN ? firstChannels : channels;
    if (image.channels() != expected) {
      throw new PleatException(
          "%s has %s, but the input '%s' (read as %s) takes %s; %s"
              .formatted(
                  images.describe(index),
                  plural(image.channels()),
                  name,
                  layout,
                  plural(expected),
                  expected == 1
                      ? "save the images as greyscale"
                      : expected == 3
                          ? "save the images as RGB"
                          : "give images that fit, or name the layout with --layout"));
    }
    boolean same = image.height() == to.height() && image.width() == to.width();
    if (!same && preprocessing.size().isEmpty()) {
      throw new PleatException(
          "%s is %dx%d, but the input '%s' takes %s here; resize with --size %s"
              .formatted(images.describe(index), image.height(), image.width(), name, to, to));
    }
    for (List<Double> list : List.of(preprocessing.mean(), preprocessing.std())) {
      if (list.size() != 1 && list.size() != expected) {
        throw new PleatException(
            "--mean or --std has %d numbers, but the images have %s; give 1 or %d"
                .formatted(list.size(), plural(expected), expected));
      }
    }
  }

  private static String plural(int channels) {
    return channels == 1 ? "1 channel" : channels + " channels";
  }

  private void fill(Image image, ImageSize to, float[] values, int offset) {
    int c = image.channels();
    int area = to.height() * to.width();
    boolean resize = image.height() != to.height() || image.width() != to.width();
    for (int channel = 0; channel < c; channel++) {
      double mean = of(preprocessing.mean(), channel);
      double std = of(preprocessing.std(), channel);
      int start = layout == Layout.NCHW ? offset + channel * area : offset + channel;
      int stride = layout == Layout.NCHW ? 1 : c;
      Bilinear bilinear = new Bilinear(image, channel, to);
      int p = 0;
      for (int y = 0; y < to.height(); y++) {
        for (int x = 0; x < to.width(); x++, p++) {
          double pixel = resize ? bilinear.at(y, x) : image.value(channel, y, x);
          values[start + p * stride] = (float) ((pixel / 255 - mean) / std);
        }
      }
    }
  }

  private static double of(List<Double> list, int channel) {
    return list.get(list.size() == 1 ? 0 : channel);
  }
}
