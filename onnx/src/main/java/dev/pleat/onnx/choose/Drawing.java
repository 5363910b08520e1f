package dev.pleat.onnx.choose;

import dev.pleat.onnx.invert.Pixels;
import dev.pleat.onnx.procedural.ImageKind;
import dev.pleat.onnx.procedural.Signal;
import java.util.Optional;

/**
 * How one input of a network is drawn.
 *
 * @param name of the input
 * @param pixels its axes; for signals without channels the only axis is along time, and what has
 *     more channels than a signal is a grey picture of channels by places, as a spectrogram is
 * @param form what it looks like
 */
record Drawing(String name, Pixels pixels, Form form) {
  /** Inputs with more channels are no pictures. */
  private static final int MOST_CHANNELS = 16;

  /** Shorter rows of values are features rather than signals. */
  private static final int SHORTEST_SIGNAL = 256;

  /** What an input looks like. */
  enum Form {
    PICTURE,
    SIGNAL
  }

  /**
   * How an input is drawn; empty for one that is neither picture nor signal.
   *
   * @param convolved whether the network convolves: others take plain vectors for features
   */
  static Optional<Drawing> of(String name, Pixels pixels, boolean convolved) {
    int[] axes = pixels.spatialAxes();
    return switch (axes.length) {
      case 2 ->
          pixels.channels() <= MOST_CHANNELS
              ? Optional.of(new Drawing(name, pixels, Form.PICTURE))
              : Optional.empty();
      case 1 -> {
        if (pixels.imageSize() < SHORTEST_SIGNAL) {
          yield Optional.empty();
        }
        if (pixels.channels() <= MOST_CHANNELS) {
          yield Optional.of(new Drawing(name, pixels, Form.SIGNAL));
        }
        yield convolved
            ? Optional.of(new Drawing(name, asPicture(pixels), Form.PICTURE))
            : Optional.empty();
      }
      case 0 ->
          convolved && pixels.channels() >= SHORTEST_SIGNAL
              ? Optional.of(new Drawing(name, pixels, Form.SIGNAL))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Pixels asPicture(Pixels rows) {
    long[] shape = rows.shape();
    return new Pixels(new long[] {shape[0], 1, shape[1], shape[2]}, 1);
  }

  /** Draws one. */
  void draw(ImageKind kind, long seed, InputRange range, float[] values, int image) {
    int[] axes = pixels.spatialAxes();
    boolean plain = axes.length == 0;
    int channels = plain ? 1 : pixels.channels();
    int width = plain ? pixels.channels() : (int) pixels.shape()[axes[axes.length - 1]];
    int height = axes.length < 2 ? 1 : (int) pixels.shape()[axes[0]];
    float[] drawn =
        form == Form.PICTURE
            ? kind.picture(channels, height, width, seed)
            : Signal.draw(channels, width, seed);
    int start = image * pixels.imageSize();
    int across = plain ? 1 : pixels.stride(axes[axes.length - 1]);
    int down = axes.length < 2 ? 0 : pixels.stride(axes[0]);
    int deep = plain ? 0 : pixels.stride(pixels.channelAxis());
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int at = start + c * deep + y * down + x * across;
          values[at] = range.of(drawn[(c * height + y) * width + x], c);
        }
      }
    }
  }
}
