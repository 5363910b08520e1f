package dev.pleat.onnx.gradient;

import dev.pleat.core.tensor.Tensor;
import java.util.Arrays;

/**
 * The weight of the Conv of stride 1 that leads from a convolution's output back to its input. With
 * stride s, the input's positions fall into s phases for each axis, each with a kernel of its own:
 * position s·q + r gets, from output q + t, what element k = (r + pad − s·t) / dilation of the
 * kernel let through. The phases of a channel are neighbouring channels of the result.
 *
 * @param kernel its weight, of shape [channels · phases, outputs / groups, taps...]
 * @param dilation its dilations
 * @param pads its padding, first before and then after every axis
 */
record TurnedWeight(Tensor kernel, long[] dilation, long[] pads) {

  /** Whether a window can be turned: any of stride 1, and square steps of images. */
  static boolean fits(Window window) {
    long[] stride = window.stride();
    boolean even = Arrays.stream(stride).allMatch(s -> s == stride[0]);
    boolean dense = Arrays.stream(window.dilation()).allMatch(d -> d == 1);
    boolean phases = even && dense && window.axes() == 2;
    return (stride[0] == 1 && even || phases) && Arrays.stream(pads(window)).allMatch(p -> p >= 0);
  }

  /** Turns a weight of shape [outputs, channels / groups, kernel...]. */
  static TurnedWeight of(Tensor weight, Window window, long groups) {
    int axes = window.axes();
    int outputs = weight.shape()[0] / (int) groups;
    int channels = weight.shape()[1];
    int stride = (int) window.stride()[0];
    int[] taps = new int[axes];
    long[] dilation = new long[axes];
    for (int i = 0; i < axes; i++) {
      dilation[i] = stride == 1 ? window.dilation()[i] : 1;
      taps[i] = (int) (1 + (last(window, i) - first(window, i)) / dilation[i]);
    }
    int phases = (int) Math.pow(stride, axes);
    int tapCount = (int) Tensor.size(taps);
    int[] shape = new int[axes + 2];
    shape[0] = channels * (int) groups * phases;
    shape[1] = outputs;
    System.arraycopy(taps, 0, shape, 2, axes);
    float[] turned = new float[Tensor.arraySize("weight", shape)];
    int kernelSize = (int) (Tensor.size(weight.shape()) / weight.shape()[0] / channels);
    int[] source = sources(window, taps, dilation, stride, phases);
    for (int g = 0; g < groups; g++) {
      for (int c = 0; c < channels; c++) {
        for (int o = 0; o < outputs; o++) {
          int from = ((g * outputs + o) * channels + c) * kernelSize;
          for (int p = 0; p < phases; p++) {
            int to = (((g * channels + c) * phases + p) * outputs + o) * tapCount;
            for (int t = 0; t < tapCount; t++) {
              int k = source[p * tapCount + t];
              turned[to + t] = k < 0 ? 0 : weight.values()[from + k];
            }
          }
        }
      }
    }
    return new TurnedWeight(new Tensor(shape, turned), dilation, pads(window));
  }

  /** For each phase and tap, the kernel's element, −1 for none. */
  private static int[] sources(Window window, int[] taps, long[] dilation, int stride, int phases) {
    int tapCount = (int) Tensor.size(taps);
    int[] source = new int[phases * tapCount];
    for (int p = 0; p < phases; p++) {
      for (int t = 0; t < tapCount; t++) {
        long element = 0;
        int phase = p;
        int tap = t;
        long factor = 1;
        for (int i = taps.length - 1; i >= 0 && element >= 0; i--) {
          long shift = first(window, i) + tap % taps[i] * dilation[i];
          long reach = phase % stride + window.before()[i] - stride * shift;
          long k = reach / window.dilation()[i];
          element = reach < 0 || k >= window.kernel()[i] ? -1 : element + k * factor;
          factor *= window.kernel()[i];
          phase /= stride;
          tap /= taps[i];
        }
        source[p * tapCount + t] = (int) element;
      }
    }
    return source;
  }

  /** The first output, counted from q, that any phase reads. */
  private static long first(Window window, int axis) {
    return Math.ceilDiv(window.before()[axis] - (window.extent(axis) - 1), window.stride()[axis]);
  }

  private static long last(Window window, int axis) {
    return Math.floorDiv(window.stride()[axis] - 1 + window.before()[axis], window.stride()[axis]);
  }

  private static long[] pads(Window window) {
    int axes = window.axes();
    long[] pads = new long[2 * axes];
    for (int i = 0; i < axes; i++) {
      long positions = Math.ceilDiv(window.input()[i], window.stride()[i]);
      pads[i] = -first(window, i);
      pads[i + axes] = last(window, i) + positions - window.output()[i];
    }
    return pads;
  }
}
