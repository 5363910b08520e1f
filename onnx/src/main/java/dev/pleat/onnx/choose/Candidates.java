package dev.pleat.onnx.choose;

import dev.pleat.core.cluster.SplitMix64;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.procedural.ImageKind;
import dev.pleat.onnx.run.TensorValue;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Inputs that are drawn when they are asked for, each from a seed of its own.
 *
 * @param description what they are
 * @param example of everything that the network reads, for the inputs that are not drawn
 * @param whole those among them that are the same for any number of inputs
 * @param drawings how the others are drawn
 * @param kinds of pictures, dealt out in turn
 * @param ranges of the drawn values, in turn
 * @param seed of all of them
 * @param indices which of the endless row of inputs these are
 */
@SuppressWarnings("ArrayRecordComponent") // Read only, never compared.
record Candidates(
    String description,
    Map<String, TensorValue> example,
    Set<String> whole,
    List<Drawing> drawings,
    List<ImageKind> kinds,
    List<InputRange> ranges,
    long seed,
    int[] indices)
    implements CalibrationInputs {

  /** The first inputs of the row. */
  Candidates first(int count) {
    return of(IntStream.range(0, count).toArray(), description);
  }

  /** Other inputs of the row. */
  Candidates of(int[] chosen, String called) {
    return new Candidates(called, example, whole, drawings, kinds, ranges, seed, chosen);
  }

  /** The same inputs in other ranges. */
  Candidates in(List<InputRange> others) {
    return new Candidates(description, example, whole, drawings, kinds, others, seed, indices);
  }

  @Override
  public int count() {
    return indices.length;
  }

  @Override
  public Map<String, TensorValue> batch(int from, int to) {
    Map<String, TensorValue> batch = new LinkedHashMap<>();
    Set<String> drawn = drawings.stream().map(Drawing::name).collect(Collectors.toSet());
    example.forEach((name, value) -> {
      if (!drawn.contains(name)) {
        batch.put(name, whole.contains(name) ? value : repeated(value, to - from));
      }
    });
    for (Drawing drawing : drawings) {
      long[] shape = Objects.requireNonNull(example.get(drawing.name())).shape().clone();
      shape[0] = to - from;
      float[] values = new float[TensorValue.elements(shape)];
      IntStream.range(from, to)
          .parallel()
          .forEach(i -> {
            int index = indices[i];
            ImageKind kind = kinds.get(index % kinds.size());
            InputRange range = ranges.get(index / kinds.size() % ranges.size());
            drawing.draw(kind, streamOf(drawing.name(), index), range, values, i - from);
          });
      batch.put(drawing.name(), new TensorValue.Floats(shape, values));
    }
    return batch;
  }

  private long streamOf(String name, int index) {
    return new SplitMix64(new SplitMix64(seed ^ name.hashCode()).nextLong() + index).nextLong();
  }

  /** Its first entry, again and again. */
  private static TensorValue repeated(TensorValue value, int count) {
    long[] shape = value.shape().clone();
    if (shape.length == 0 || shape[0] == 0) {
      return value;
    }
    int length = TensorValue.elements(shape) / Math.toIntExact(shape[0]);
    shape[0] = count;
    return switch (value) {
      case TensorValue.Floats(long[] unused, float[] values) -> {
        float[] all = new float[length * count];
        for (int i = 0; i < count; i++) {
          System.arraycopy(values, 0, all, i * length, length);
        }
        yield new TensorValue.Floats(shape, all);
      }
      case TensorValue.Integers(long[] unused, long[] values) -> {
        long[] all = new long[length * count];
        Arrays.setAll(all, i -> values[i % length]);
        yield new TensorValue.Integers(shape, all);
      }
    };
  }
}
