package dev.pleat.onnx.invert;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The axes of one made input.
 *
 * @param shape sizes of a batch; the first is the number of images
 * @param channelAxis where the channels are: 1, or the last axis
 */
@SuppressWarnings("ArrayRecordComponent") // Read only, never compared.
public record Pixels(long[] shape, int channelAxis) {
  private static final int MOST_COLOURS = 4;

  /**
   * The axes of one image of an input. Channels are last where the graph says so: it moves the last
   * axis to the second place before anything else happens to it. They are, too, where only the last
   * axis is as short as the colours of a picture are.
   */
  public static Pixels of(OnnxModel model, String input, long[] shape) {
    boolean last = isChannelsLast(model, input, shape.length) || hasColoursLast(shape);
    return new Pixels(shape, last ? shape.length - 1 : 1).batch(1);
  }

  private static boolean hasColoursLast(long[] shape) {
    return shape.length == 4 && shape[3] <= MOST_COLOURS && shape[1] > MOST_COLOURS;
  }

  private static boolean isChannelsLast(OnnxModel model, String input, int rank) {
    String value = input;
    while (true) {
      String name = value;
      Optional<NodeProto> reader =
          model.nodes().stream().filter(node -> node.getInputList().contains(name)).findFirst();
      if (reader.isEmpty() || rank < 3) {
        return false;
      }
      NodeProto node = reader.get();
      switch (node.getOpType()) {
        case "Transpose" -> {
          long[] order = Nodes.integers(node, "perm").orElse(new long[0]);
          return order.length == rank && order[0] == 0 && order[1] == rank - 1;
        }
        case "Add", "Sub", "Mul", "Div", "Cast", "Identity" -> value = node.getOutput(0);
        default -> {
          return false;
        }
      }
    }
  }

  /** The same with another number of images. */
  public Pixels batch(int images) {
    long[] sizes = shape.clone();
    sizes[0] = images;
    return new Pixels(sizes, channelAxis);
  }

  /** How many there are. */
  public int images() {
    return (int) shape[0];
  }

  /** Values of one image. */
  public int imageSize() {
    return Math.toIntExact(Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact));
  }

  /** Values at one place. */
  public int channels() {
    return (int) shape[channelAxis];
  }

  /** The axes along which values have neighbours: none for plain vectors. */
  public int[] spatialAxes() {
    return IntStream.range(1, shape.length).filter(axis -> axis != channelAxis).toArray();
  }

  /** How far apart in memory neighbours along an axis are. */
  public int stride(int axis) {
    return Math.toIntExact(Arrays.stream(shape).skip(axis + 1L).reduce(1, (a, b) -> a * b));
  }

  /** The channel of a value, by its index within the batch. */
  public int channel(int index) {
    return index / stride(channelAxis) % channels();
  }
}
