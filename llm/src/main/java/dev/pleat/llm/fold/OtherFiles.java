package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.llm.config.ModelConfig;
import dev.pleat.llm.safetensors.Checkpoint;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what a model directory holds beside its weights: tokenizer, generation settings, licence,
 * pictures. The weights of other formats stay behind, since they are those of the original.
 */
final class OtherFiles {
  private static final Logger LOG = LoggerFactory.getLogger(OtherFiles.class);
  private static final Set<String> WEIGHTS =
      Set.of(
          "safetensors",
          "bin",
          "pt",
          "pth",
          "ckpt",
          "h5",
          "msgpack",
          "gguf",
          "ggml",
          "onnx",
          "onnx_data",
          "tflite",
          "ot",
          "mlmodel",
          "npz");

  private OtherFiles() {}

  /**
   * Copies all files but the configuration and the index, which are rewritten.
   *
   * @param checkpoint whose directory it is
   * @throws PleatException when that fails
   */
  static void copy(Checkpoint checkpoint, Path to) {
    Path from = checkpoint.directory();
    Set<Path> folded = Set.copyOf(checkpoint.shards());
    List<String> left = new ArrayList<>();
    try {
      Files.walkFileTree(
          from,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
                throws IOException {
              if (!folder.equals(from) && isHidden(folder)) {
                return FileVisitResult.SKIP_SUBTREE;
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Path name = from.relativize(file);
              if (folded.contains(file)) {
                return FileVisitResult.CONTINUE;
              }
              if (isWeights(name)) {
                left.add(name.toString());
              } else if (Files.isRegularFile(file) && !isRewritten(name)) {
                Path target = to.resolve(name.toString());
                Files.createDirectories(target.resolveSibling(""));
                Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw StagedDirectory.cannotWrite(to, e);
    }
    if (!left.isEmpty()) {
      LOG.warn("not copied, since they are the original's weights: {}", String.join(", ", left));
    }
  }

  private static boolean isHidden(Path folder) {
    return String.valueOf(folder.getFileName()).startsWith(".");
  }

  private static boolean isRewritten(Path name) {
    return name.toString().equals(ModelConfig.NAME)
        || name.toString().equals(Checkpoint.indexName());
  }

  private static boolean isWeights(Path name) {
    String text = String.valueOf(name.getFileName()).toLowerCase(Locale.ROOT);
    return WEIGHTS.contains(text.substring(text.lastIndexOf('.') + 1))
        || (text.endsWith(".index.json") && !isRewritten(name));
  }
}
