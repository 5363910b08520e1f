package dev.pleat.llm.run;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.report.ExportReport;
import dev.pleat.llm.graph.ModelGraph;
import dev.pleat.llm.graph.ModelSection;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.TensorInfo;
import dev.pleat.onnx.model.ModelWriter;
import dev.pleat.onnx.output.StagedOutput;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Writes a checkpoint as an ONNX model with a cache of keys and values. Beside the checkpoint the
 * model reads the safetensors files themselves; elsewhere it gets a copy of the weights.
 */
public final class ModelExport {
  private static final String SUFFIX = ".onnx";

  private final Checkpoint checkpoint;
  private final Path output;

  private ModelExport(Checkpoint checkpoint, Path output) {
    this.checkpoint = checkpoint;
    this.output = output;
  }

  /**
   * Exports a model.
   *
   * @param output a file whose name ends in {@code .onnx}
   * @param force whether to replace what is there
   * @throws PleatException when the output cannot be written or is there already
   */
  public static ExportReport write(Model model, Checkpoint checkpoint, Path output, boolean force) {
    if (!output.getFileName().toString().endsWith(SUFFIX)) {
      throw new PleatException(
          "the output %s is no %s file; give another name with -o".formatted(output, SUFFIX));
    }
    int layers = model.blueprint().layers().size();
    boolean head = model.blueprint().head().isPresent();
    ModelSection whole =
        new ModelSection(true, 0, layers, head, model.blueprint().causal(), Set.of());
    try (Arena scope = Arena.ofShared()) {
      ModelGraph graph = ModelGraph.of(model.blueprint(), model.weights(), whole, scope);
      return new ModelExport(checkpoint, output).write(graph, force);
    }
  }

  private ExportReport write(ModelGraph graph, boolean force) {
    try (StagedOutput stage =
        StagedOutput.ofModel(List.of(checkpoint.directory()), output, force)) {
      boolean beside = isBeside();
      if (beside) {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(stage.model()))) {
          referring(graph.model()).writeTo(out);
        }
      } else {
        ModelWriter.write((name, tensor) -> checkpoint.bytes(name), graph.model(), stage.model());
      }
      stage.commit();
      return new ExportReport(
          checkpoint.directory().toString(),
          output.toString(),
          (beside ? checkpoint.shards() : List.of(ModelWriter.dataFile(output)))
              .stream().map(file -> file.getFileName().toString()).toList());
    } catch (IOException e) {
      throw new PleatException("%s: cannot be written (%s)".formatted(output, e), e);
    }
  }

  /** Runtimes read nothing outside the model's folder, also not through links. */
  private boolean isBeside() throws IOException {
    if (checkpoint.isBlockScaled()) {
      return false; // What the files hold are no values that a runtime knows.
    }
    Path folder = output.toAbsolutePath().resolveSibling("").toRealPath();
    for (Path shard : checkpoint.shards()) {
      if (!folder.equals(shard.toRealPath().getParent())) {
        return false;
      }
    }
    return true;
  }

  private ModelProto referring(ModelProto model) {
    ModelProto.Builder builder = model.toBuilder();
    for (TensorProto.Builder tensor : builder.getGraphBuilder().getInitializerBuilderList()) {
      if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
        TensorInfo info = checkpoint.info(tensor.getName());
        tensor
            .clearExternalData()
            .addExternalData(entry("location", info.file().getFileName().toString()))
            .addExternalData(entry("offset", Long.toString(info.offset())))
            .addExternalData(entry("length", Long.toString(info.length())));
      }
    }
    return builder.build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
