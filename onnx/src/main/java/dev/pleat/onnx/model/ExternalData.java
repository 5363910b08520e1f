package dev.pleat.onnx.model;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.core.PleatException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The files beside a model that hold its large tensors, mapped when first needed. */
final class ExternalData {
  private final Path model;
  private final Map<Path, MemorySegment> mapped = new HashMap<>();

  ExternalData(Path model) {
    this.model = model;
  }

  /**
   * The bytes of a tensor.
   *
   * @throws PleatException when the location leaves the model's folder, the file is missing or too
   *     short, or the length disagrees with the shape
   */
  synchronized MemorySegment bytes(String name, TensorProto tensor) {
    Map<String, String> entries = new HashMap<>();
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      entries.put(entry.getKey(), entry.getValue());
    }
    String location = entries.get("location");
    if (location == null || location.isEmpty()) {
      throw new PleatException(
          "initializer '%s' says its data is external but names no file; export the model again"
              .formatted(name));
    }
    TensorData.shape(name, tensor);
    MemorySegment file = map(name, resolve(name, location));
    long expected =
        (Math.multiplyExact(TensorData.elements(tensor), TensorData.bits(tensor.getDataType())) + 7)
            / 8;
    long offset = number(name, entries, "offset", 0);
    long length = number(name, entries, "length", expected);
    if (length != expected && expected > 0) {
      throw new PleatException(
          "initializer '%s' of shape %s needs %d bytes, but its external data has the length %d"
              .formatted(name, tensor.getDimsList(), expected, length));
    }
    if (offset > file.byteSize() || length > file.byteSize() - offset) {
      throw new PleatException(
          "initializer '%s' needs %d bytes from byte %d of '%s', which has only %d; the file is cut off, copy it again"
              .formatted(name, length, offset, location, file.byteSize()));
    }
    return file.asSlice(offset, length);
  }

  private Path resolve(String name, String location) {
    Path file = model.toAbsolutePath().normalize();
    Path folder = Objects.requireNonNullElse(file.getParent(), file);
    try {
      Path path = folder.resolve(location).normalize();
      boolean inside = path.startsWith(folder) && !Path.of(location).isAbsolute();
      if (inside && Files.exists(path)) {
        inside = path.toRealPath().startsWith(folder.toRealPath());
      }
      if (!inside) {
        throw new PleatException(
            "the external data of initializer '%s' is at '%s', outside the model's folder; refused"
                .formatted(name, location));
      }
      if (!Files.isRegularFile(path)) {
        throw new PleatException(
            "the external data file '%s' of initializer '%s' is missing; put it beside '%s'"
                .formatted(location, name, model));
      }
      return path;
    } catch (InvalidPathException | IOException e) {
      throw new PleatException(
          "the external data file '%s' of initializer '%s' cannot be used: %s"
              .formatted(location, name, e.getMessage()),
          e);
    }
  }

  private MemorySegment map(String name, Path path) {
    MemorySegment known = mapped.get(path);
    if (known != null) {
      return known;
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment segment =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
      mapped.put(path, segment);
      return segment;
    } catch (IOException e) {
      throw new PleatException(
          "the external data file '%s' of initializer '%s' cannot be read: %s"
              .formatted(path, name, e.getMessage()),
          e);
    }
  }

  private static long number(String name, Map<String, String> entries, String key, long absent) {
    String text = entries.get(key);
    if (text == null) {
      return absent;
    }
    try {
      long value = Long.parseLong(text.trim());
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new PleatException(
          "the external data of initializer '%s' has the %s '%s', which is no number"
              .formatted(name, key, text),
          e);
    }
    throw new PleatException(
        "the external data of initializer '%s' has the negative %s %s".formatted(name, key, text));
  }
}
