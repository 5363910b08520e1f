package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.EmbeddingAgreement;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.onnx.eval.Evaluation;
import dev.pleat.onnx.eval.LatencyTimer;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.fold.SharedWork;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.network.TwinNetwork;
import dev.pleat.onnx.network.TwinNetwork.Flow;
import dev.pleat.onnx.request.EvalRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RealModelsTest {
  @TempDir private Path folder;

  private Path miniLm() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            RealModelsTest.class.getResourceAsStream("/all-minilm-l6-v2.onnx"))) {
      Path file = folder.resolve("minilm.onnx");
      Files.copy(in, file);
      return file;
    }
  }

  @Test
  void mini_lm_folds_its_six_feed_forward_layers_and_nothing_else() throws Exception {
    Path model = miniLm();
    InspectReport report = Folds.inspect(model);
    assertThat(report.groups()).hasSize(6).allSatisfy(g -> assertThat(g.width()).isEqualTo(1536));
    assertThat(report.frozen())
        .filteredOn(f -> f.name().contains("word_embeddings"))
        .singleElement()
        .satisfies(f -> assertThat(f.reason()).contains("LayerNorm"));

    Path folded = folder.resolve("folded.onnx");
    FoldOptions options = FoldOptions.of(new Target.Channels(0.25));
    Path unrepaired = folder.resolve("unrepaired.onnx");
    SharedWork shared = SharedWork.ofMany();
    FoldReport fold = fold(model, folded, options, shared);
    fold(model, unrepaired, options.with(Repair.NONE), shared);
    assertThat(fold.repair()).isEqualTo("least-squares");
    assertThat(fold.repairInputs()).isEqualTo("256 generated inputs");
    assertThat(fold.verification().maxRelativeDifferenceOfDuplicates()).isLessThan(1e-4);
    EmbeddingAgreement folding = similarity(model, folded);
    EmbeddingAgreement naive = similarity(model, unrepaired);
    assertThat(folding.cosine()).isGreaterThan(0.94).isGreaterThan(naive.cosine() + 0.03);
    assertThat(folding.rankCorrelation().orElseThrow())
        .isGreaterThan(0.89)
        .isGreaterThan(naive.rankCorrelation().orElseThrow() + 0.05);
  }

  private static FoldReport fold(Path model, Path out, FoldOptions options, SharedWork shared) {
    return OnnxFolding.fold(
        FileFoldRequest.of(model, out, options), Progress.SILENT, ClusterObserver.NONE, shared);
  }

  /** On sentences of novels and stories. */
  private static EmbeddingAgreement similarity(Path model, Path folded) throws Exception {
    URI sentences =
        Objects.requireNonNull(RealModelsTest.class.getResource("/sentences/sentences.npz"))
            .toURI();
    return Evaluation.run(
            EvalRequest.of(folded).withInputs(Path.of(sentences)).withAgainst(model),
            new LatencyTimer.Effort(3, 0),
            Progress.SILENT)
        .embeddings()
        .orElseThrow();
  }

  @Test
  void a_mobile_network_folds_every_expansion_with_its_gate() {
    Path model = Path.of("target", "test-models", "ch_ppocr_mobile_v2.0_cls_infer.onnx");
    assumeTrue(
        Files.exists(model),
        "no %s; tools/fetch_ocr_model.sh fetches it".formatted(model.toAbsolutePath()));
    InspectReport report = Folds.inspect(model);
    assertThat(report.frozen()).hasSize(1); // the two classes
    List<InspectReport.Group> expansions =
        report.groups().stream()
            .filter(g -> g.members().stream().anyMatch(m -> m.contains("[0] per-channel")))
            .filter(g -> g.members().stream().anyMatch(m -> m.contains("[0] producer")))
            .filter(g -> g.members().stream().filter(m -> m.endsWith("consumer")).count() >= 1)
            .toList();
    assertThat(expansions).hasSizeGreaterThanOrEqualTo(11);
    FoldReport fold = Folds.fold(model, folder.resolve("ocr.onnx"), 0.3);
    assertThat(fold.verification().ran()).isTrue();
    assertThat(fold.verification().maxRelativeDifferenceOfDuplicates()).isLessThan(1e-3);
    assertThat(fold.parameters().removed()).isGreaterThan(0.4);
  }

  @Test
  void a_long_chain_of_residual_blocks_is_traced_whole() {
    TwinNetwork net = new TwinNetwork(1, false);
    Flow x = net.input(3, 4);
    x = net.conv(x, net.hidden(8), 1, 1, false);
    for (int block = 0; block < 120; block++) {
      Flow inner = net.map("Relu", net.norm(net.conv(x, net.hidden(6), 1, 1, false)));
      x = net.combine("Add", x, net.conv(inner, x.width(), 1, 1, false));
    }
    Flow y = net.conv(x, net.hidden(4), 1, 1, false);
    Graph graph = net.graph();
    graph.node("Identity", List.of(y.name()), List.of("scores"));
    Path model = graph.output("scores").write(folder.resolve("chain.onnx"));
    assertThat(graph.proto().getNodeCount()).isGreaterThan(600);
    assertThat(Folds.inspect(model).groups()).hasSize(121);
  }
}
