package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.tensor.FloatEncoding;
import dev.pleat.core.tensor.FloatSource;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.SoftReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The tensors of a few groups while they are folded. Each is decoded when it is first read and then
 * kept as long as there is room; one that is written takes the place of what was decoded. Where
 * pieces are enough, the largest are not decoded as a whole.
 */
final class LayerTensors implements TensorStore {
  /** Elements of a tensor that are decoded for whoever needs pieces of it, 1 GiB of floats. */
  private static final long MOST_DECODED = 1L << 28;

  private static final int PIECE = 1 << 16;

  private final Checkpoint checkpoint;
  private final long mostDecoded;
  private final Map<String, Tensor> written = new ConcurrentHashMap<>();
  private final Map<String, SoftReference<Tensor>> decoded = new ConcurrentHashMap<>();

  LayerTensors(Checkpoint checkpoint) {
    this(checkpoint, MOST_DECODED);
  }

  /**
   * The tensors of a checkpoint.
   *
   * @param mostDecoded elements of the largest that is decoded as a whole where pieces are enough
   */
  LayerTensors(Checkpoint checkpoint, long mostDecoded) {
    this.checkpoint = checkpoint;
    this.mostDecoded = mostDecoded;
  }

  @Override
  public int[] shape(String name) {
    Tensor tensor = written.get(name);
    return tensor != null ? tensor.shape() : shape(checkpoint.info(name));
  }

  /**
   * The dimensions as integers.
   *
   * @throws PleatException when one is too large
   */
  static int[] shape(TensorInfo info) {
    int[] shape = new int[info.shape().length];
    for (int axis = 0; axis < shape.length; axis++) {
      if (info.shape()[axis] > Integer.MAX_VALUE) {
        throw new PleatException(
            "%s: tensor '%s' has %d indices on axis %d, at most %d can be handled"
                .formatted(info.file(), info.name(), info.shape()[axis], axis, Integer.MAX_VALUE));
      }
      shape[axis] = (int) info.shape()[axis];
    }
    return shape;
  }

  @Override
  public Tensor read(String name) {
    Tensor known = written.get(name);
    if (known != null) {
      return known;
    }
    SoftReference<Tensor> kept = decoded.get(name);
    known = kept == null ? null : kept.get();
    return known == null ? decode(name) : known;
  }

  private Tensor decode(String name) {
    TensorInfo info = checkpoint.info(name);
    float[] values = checkpoint.floats(name);
    requireFinite(info, values, values.length, 0);
    Tensor tensor = new Tensor(shape(info), values);
    decoded.put(name, new SoftReference<>(tensor));
    return tensor;
  }

  private static void requireFinite(TensorInfo info, float[] values, int count, int first) {
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(values[i])) {
        throw new PleatException(
            "%s: tensor '%s' holds %s at element %d; such a model cannot be folded, download or train it again"
                .formatted(info.file(), info.name(), values[i], first + i));
      }
    }
  }

  @Override
  public FloatSource source(String name) {
    TensorInfo info = checkpoint.info(name);
    if (written.containsKey(name) || info.elements() <= mostDecoded) {
      return FloatSource.of(read(name).values());
    }
    checkpoint.requireArray(name);
    FloatEncoding encoding = info.encoding();
    MemorySegment bytes = checkpoint.bytes(name, Arena.ofAuto());
    float[] piece = new float[PIECE];
    int elements = (int) info.elements();
    for (int from = 0; from < elements; from += PIECE) {
      int count = Math.min(PIECE, elements - from);
      encoding.decode(bytes, from, piece, 0, count);
      requireFinite(info, piece, count, from);
    }
    return (from, to, at, count) -> encoding.decode(bytes, from, to, at, count);
  }

  @Override
  public void write(String name, Tensor tensor) {
    written.put(name, tensor);
    decoded.remove(name);
  }
}
