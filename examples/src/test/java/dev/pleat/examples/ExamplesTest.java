package dev.pleat.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.store.embedding.CosineSimilarity;
import dev.pleat.core.fold.Repair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples run as they stand. */
class ExamplesTest {
  @TempDir private Path folder;

  @Test
  void five_lines_fold_a_file() {
    Path model = Path.of("../onnx/src/test/resources/networks/mobile-bn.onnx");

    FoldFile.main(model.toString(), folder.resolve("half.onnx").toString());

    assertThat(folder.resolve("half.onnx")).isRegularFile();
    assertThat(folder.resolve("half.onnx").toFile().length()).isLessThan(model.toFile().length());
  }

  @Test
  void langchain4j_serves_a_folded_encoder_that_knows_what_is_alike() throws IOException {
    ServeEncoder.unpack(folder);
    ServeEncoder.fold(folder, 0.1, Repair.NONE);

    assertThat(Files.size(folder.resolve("folded.onnx")))
        .isLessThan(Files.size(folder.resolve("model.onnx")));
    EmbeddingModel original = ServeEncoder.serve(folder, "model.onnx");
    EmbeddingModel folded = ServeEncoder.serve(folder, "folded.onnx");
    List<Embedding> sentences =
        List.of(
            folded.embed("The cat sleeps on the sofa.").content(),
            folded.embed("A kitten naps on the couch.").content(),
            folded.embed("Interest rates rose again in March.").content());
    assertThat(CosineSimilarity.between(sentences.get(0), sentences.get(1)))
        .isGreaterThan(CosineSimilarity.between(sentences.get(0), sentences.get(2)) + 0.2);
    Embedding before = original.embed("The cat sleeps on the sofa.").content();
    assertThat(CosineSimilarity.between(before, sentences.getFirst())).isGreaterThan(0.8);
  }
}
