package dev.pleat.onnx.model;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.pleat.core.PleatException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads ONNX files. The file is mapped; weights are not copied until they are asked for. */
public final class ModelReader {
  /** The newest file format version (IR) that the bundled runtime accepts. */
  static final long NEWEST_IR = 13;

  /** The newest standard operator set that the bundled runtime accepts. */
  static final long NEWEST_OPSET = 26;

  private ModelReader() {}

  /**
   * Reads and checks a model.
   *
   * @throws PleatException when the file cannot be read, is no ONNX model, is newer than what is
   *     known, or its graph or tensors contradict themselves
   */
  public static OnnxModel read(Path file) {
    if (!Files.exists(file)) {
      throw new PleatException("%s: no such file".formatted(file));
    }
    if (!Files.isRegularFile(file)) {
      throw new PleatException("%s: not a file; give an .onnx file".formatted(file));
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size == 0) {
        throw new PleatException("%s: the file is empty; copy or export it again".formatted(file));
      }
      if (size > Integer.MAX_VALUE) {
        throw new PleatException(
            "%s: the file has %d bytes, but an ONNX message ends at 2 GiB; export it with external data"
                .formatted(file, size));
      }
      ModelProto proto = parse(channel, Arena.ofAuto());
      check(file, proto);
      return new OnnxModel(file, size, proto);
    } catch (InvalidProtocolBufferException e) {
      throw new PleatException(
          "%s: not an ONNX model, or cut off (%s); copy or export it again"
              .formatted(file, e.getMessage()),
          e);
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /**
   * The files beside a model that hold its tensors, wherever in the model they are used. Nothing
   * where there is no model.
   *
   * @throws IOException when the file cannot be read
   */
  public static Set<Path> dataFiles(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return Set.of();
    }
    // A file that is still mapped could not be replaced on every system.
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      return AllTensors.locations(parse(channel, arena)).stream()
          .flatMap(location -> beside(file, location).stream())
          .collect(Collectors.toCollection(LinkedHashSet::new));
    } catch (InvalidProtocolBufferException noModel) {
      return Set.of();
    }
  }

  /** Where a location of external data leads to, nowhere if the system has no such names. */
  private static Optional<Path> beside(Path file, String location) {
    try {
      return Optional.of(file.toAbsolutePath().resolveSibling(location).normalize());
    } catch (InvalidPathException noName) {
      return Optional.empty();
    }
  }

  /**
   * The message in a file, unchecked.
   *
   * @throws IOException when the file cannot be read or holds no such message
   */
  public static ModelProto parse(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return parse(channel, Arena.ofAuto());
    }
  }

  private static ModelProto parse(FileChannel channel, Arena arena) throws IOException {
    if (channel.size() > Integer.MAX_VALUE) {
      throw new InvalidProtocolBufferException("longer than a message can be");
    }
    return parse(
        channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena).asByteBuffer());
  }

  private static ModelProto parse(ByteBuffer buffer) throws IOException {
    CodedInputStream in = UnsafeByteOperations.unsafeWrap(buffer).newCodedInput();
    in.enableAliasing(true);
    in.setSizeLimit(Integer.MAX_VALUE);
    ModelProto proto = ModelProto.parseFrom(in);
    in.checkLastTagWas(0);
    return proto;
  }

  private static void check(Path file, ModelProto proto) {
    if (!proto.hasGraph() || proto.getIrVersion() <= 0 || proto.getOpsetImportCount() == 0) {
      throw new PleatException(
          "%s: not an ONNX model (no graph, file format version or operator set in it); give an .onnx file"
              .formatted(file));
    }
    if (proto.getGraph().getNodeCount() == 0) {
      throw new PleatException(
          "%s: the graph has no nodes, so there is nothing to fold".formatted(file));
    }
    if (proto.getIrVersion() > NEWEST_IR) {
      throw new PleatException(
          "%s: file format version (IR) %d is newer than %d, the newest known; export for an older one"
              .formatted(file, proto.getIrVersion(), NEWEST_IR));
    }
    for (OperatorSetIdProto opset : proto.getOpsetImportList()) {
      boolean standard = opset.getDomain().isEmpty() || opset.getDomain().equals("ai.onnx");
      if (standard && opset.getVersion() > NEWEST_OPSET) {
        throw new PleatException(
            "%s: operator set %d is newer than %d, the newest known; export for an older one"
                .formatted(file, opset.getVersion(), NEWEST_OPSET));
      }
    }
  }
}
