package dev.pleat.onnx.output;

import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.ModelWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Puts a model in place whose tensors lie in a second file, in the place of an older one. Two files
 * cannot be renamed at once. So the new data first lies under a name that nobody uses; one rename
 * brings a model that refers to it; only then the data gets its usual name as well, and another
 * rename brings the final model. At each moment the model that is there has its own data.
 */
final class ModelSwitch {
  private static final String ASIDE = ".pleat-";

  private final Path stagedModel;
  private final Path stagedData;
  private final Path output;
  private final Path data;

  /** Will move a model and its data, both in a folder beside the output, to the output. */
  ModelSwitch(Path stagedModel, Path stagedData, Path output) {
    this.stagedModel = stagedModel;
    this.stagedData = stagedData;
    this.output = output;
    this.data = ModelWriter.dataFile(output);
  }

  void run() throws IOException {
    Set<Path> old = ModelReader.dataFiles(output);
    if (!Files.exists(stagedData)) {
      StagedOutput.move(stagedModel, output);
    } else if (!Files.exists(data)) {
      StagedOutput.move(stagedData, data);
      StagedOutput.move(stagedModel, output);
    } else {
      replace();
    }
    removeUnused(old);
  }

  private void replace() throws IOException {
    String usual = data.getFileName().toString();
    Path aside = data.resolveSibling(usual + ASIDE + UUID.randomUUID());
    StagedOutput.move(stagedData, aside);
    Path first = stagedModel.resolveSibling("first");
    ModelWriter.copy(stagedModel, usual, aside.getFileName().toString(), first);
    StagedOutput.move(first, output);
    try {
      Files.createLink(stagedData, aside);
    } catch (IOException | UnsupportedOperationException noLinks) {
      Files.copy(aside, stagedData, StandardCopyOption.REPLACE_EXISTING);
    }
    StagedOutput.move(stagedData, data);
    StagedOutput.move(stagedModel, output);
  }

  /**
   * Removes data of the model that was replaced, and what a kill during an earlier switch left,
   * unless the model uses it.
   */
  private void removeUnused(Set<Path> old) throws IOException {
    Path folder = output.toAbsolutePath().normalize().resolveSibling("");
    String usual = data.getFileName().toString();
    List<Path> ours = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(file -> file.getFileName().toString().startsWith(usual + ASIDE))
          .forEach(ours::add);
    }
    if (old.contains(data.toAbsolutePath().normalize())) {
      ours.add(data);
    }
    if (ours.isEmpty()) {
      return;
    }
    Set<Path> used = ModelReader.dataFiles(output);
    for (Path file : ours) {
      if (!used.contains(file.toAbsolutePath().normalize())) {
        Files.deleteIfExists(file);
      }
    }
  }
}
