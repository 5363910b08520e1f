package dev.pleat.llm.safetensors;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of a model directory, in one file or several shards. Opening reads and checks the
 * headers; the tensors' bytes are mapped when they are asked for. Matrices of 8-bit floats with a
 * scale for each block are BF16 to whoever asks, and their scales no tensors. May be used by
 * several threads.
 */
public final class Checkpoint implements AutoCloseable {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private final Path directory;
  private final boolean sharded;
  private final List<ShardHeader> shards;
  private final Map<Path, FileChannel> channels;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, BlockScaled> scaled = new HashMap<>();
  private final Arena arena = Arena.ofShared();

  private Checkpoint(
      Path directory, boolean sharded, List<ShardHeader> shards, Map<Path, FileChannel> channels) {
    this.directory = directory;
    this.sharded = sharded;
    this.shards = shards;
    this.channels = channels;
    for (ShardHeader shard : shards) {
      shard.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    }
    for (TensorInfo tensor : List.copyOf(tensors.values())) {
      BlockScaled.of(tensor, tensors).ifPresent(matrix -> scaled.put(tensor.name(), matrix));
    }
    for (BlockScaled matrix : scaled.values()) {
      tensors.put(matrix.stored().name(), matrix.values());
      tensors.remove(matrix.scales().name());
    }
  }

  /**
   * Opens {@code model.safetensors}, or else the shards that {@code model.safetensors.index.json}
   * names.
   *
   * @throws PleatException when there is neither, or a header or the index cannot be right
   */
  public static Checkpoint open(Path directory) {
    Path single = directory.resolve(SINGLE);
    if (Files.isRegularFile(single)) {
      return open(directory, false, List.of(single));
    }
    Path file = directory.resolve(INDEX);
    if (!Files.isRegularFile(file)) {
      throw new PleatException(
          "%s: has neither %s nor %s; give a model directory with safetensors weights"
              .formatted(directory, SINGLE, INDEX));
    }
    ShardIndex index = ShardIndex.read(file);
    Checkpoint checkpoint = open(directory, true, index.shards());
    try {
      index.check(checkpoint.shards);
      return checkpoint;
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  private static Checkpoint open(Path directory, boolean sharded, List<Path> files) {
    Map<Path, FileChannel> channels = new LinkedHashMap<>();
    List<ShardHeader> headers = new ArrayList<>();
    try {
      for (Path file : files) {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        channels.put(file, channel);
        headers.add(ShardHeader.read(file, channel));
      }
      return new Checkpoint(directory, sharded, List.copyOf(headers), channels);
    } catch (IOException e) {
      close(channels);
      throw new PleatException("%s: cannot be read (%s)".formatted(directory, e), e);
    } catch (RuntimeException e) {
      close(channels);
      throw e;
    }
  }

  /** The directory. */
  public Path directory() {
    return directory;
  }

  /** Whether an index says which shard holds which tensor. */
  public boolean isSharded() {
    return sharded;
  }

  /** The index file's name in a sharded checkpoint. */
  public static String indexName() {
    return INDEX;
  }

  /** The shards, sorted by name. */
  public List<Path> shards() {
    return shards.stream().map(ShardHeader::file).toList();
  }

  /** The tensors of one shard, in the order of their bytes. */
  public List<TensorInfo> tensors(Path shard) {
    return header(shard).tensors().stream()
        .map(TensorInfo::name)
        .filter(tensors::containsKey)
        .map(this::info)
        .toList();
  }

  /** Whether some matrices are stored as 8-bit floats with scales. */
  public boolean isBlockScaled() {
    return !scaled.isEmpty();
  }

  /** The {@code __metadata__} of one shard. */
  public Map<String, String> metadata(Path shard) {
    return header(shard).metadata();
  }

  private ShardHeader header(Path shard) {
    return shards.stream().filter(s -> s.file().equals(shard)).findFirst().orElseThrow();
  }

  /** Bytes of all shards, headers included. */
  public long fileBytes() {
    return shards.stream().mapToLong(ShardHeader::bytes).sum();
  }

  /** What they would have if nothing were stored as 8-bit floats with scales. */
  public long decodedBytes() {
    long bytes = fileBytes();
    for (BlockScaled matrix : scaled.values()) {
      bytes += matrix.values().length() - matrix.stored().length() - matrix.scales().length();
    }
    return bytes;
  }

  /** All names, by shard and in the order of their bytes. */
  public Set<String> names() {
    return tensors.keySet();
  }

  /**
   * A tensor's description.
   *
   * @throws PleatException when there is no such tensor
   */
  public TensorInfo info(String name) {
    TensorInfo info = tensors.get(name);
    if (info == null) {
      throw new PleatException(
          "%s: has no tensor '%s'; its weights are incomplete or its config.json is another model's"
              .formatted(directory, name));
    }
    return info;
  }

  /**
   * A tensor's bytes, mapped or decoded, until the checkpoint is closed.
   *
   * @throws PleatException when there is no such tensor or it cannot be mapped
   */
  public MemorySegment bytes(String name) {
    return bytes(name, arena);
  }

  /**
   * A tensor's bytes, mapped or decoded, as long as the arena lives.
   *
   * @throws PleatException when there is no such tensor or it cannot be mapped
   */
  public MemorySegment bytes(String name, Arena scope) {
    TensorInfo info = info(name);
    BlockScaled matrix = scaled.get(name);
    if (matrix == null || info.length() == 0) {
      return map(info, scope);
    }
    try (Arena inner = Arena.ofShared()) {
      MemorySegment bytes = scope.allocate(info.length(), Long.BYTES);
      matrix.decode(map(matrix.stored(), inner), map(matrix.scales(), inner), bytes);
      return bytes;
    }
  }

  private MemorySegment map(TensorInfo info, Arena scope) {
    FileChannel channel = channels.get(info.file());
    try {
      if (channel == null || channel.size() < info.offset() + info.length()) {
        throw new PleatException(
            "%s: became shorter while it was read; leave it alone and start again"
                .formatted(info.file()));
      }
      return info.length() == 0
          ? MemorySegment.NULL
          : channel.map(MapMode.READ_ONLY, info.offset(), info.length(), scope);
    } catch (IOException e) {
      throw new PleatException(
          "%s: tensor '%s' cannot be read (%s)".formatted(info.file(), info.name(), e), e);
    }
  }

  /**
   * A tensor's values as 32-bit floats.
   *
   * @throws PleatException when there is no such tensor, it is not of a floating-point type, or has
   *     more elements than an array
   */
  public float[] floats(String name) {
    TensorInfo info = info(name);
    requireArray(name);
    float[] values = new float[(int) info.elements()];
    try (Arena scope = Arena.ofShared()) {
      info.encoding().decode(bytes(name, scope), 0, values, 0, values.length);
    }
    return values;
  }

  /**
   * Refuses a tensor whose elements one array cannot hold.
   *
   * @throws PleatException when it has more of them, or there is no such tensor
   */
  public void requireArray(String name) {
    TensorInfo info = info(name);
    if (info.elements() > Integer.MAX_VALUE - 8) {
      throw new PleatException(
          "%s: tensor '%s' has %d elements, at most %d can be read as one array"
              .formatted(info.file(), name, info.elements(), Integer.MAX_VALUE - 8));
    }
  }

  @Override
  public void close() {
    arena.close();
    close(channels);
  }

  private static void close(Map<Path, FileChannel> channels) {
    for (FileChannel channel : channels.values()) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new PleatException("a checkpoint cannot be closed (%s)".formatted(e), e);
      }
    }
  }
}
