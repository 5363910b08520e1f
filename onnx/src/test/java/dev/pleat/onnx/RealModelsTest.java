package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.network.TwinNetwork;
import dev.pleat.onnx.network.TwinNetwork.Flow;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class RealModelsTest {
  @TempDir private Path folder;

  /** Token numbers of a few English sentences, as MiniLM's tokenizer gives them. */
  private static final List<long[]> SENTENCES =
      List.of(
          new long[] {101, 1996, 4937, 2938, 2006, 1996, 13523, 102},
          new long[] {101, 1037, 2158, 2003, 2652, 2858, 102},
          new long[] {101, 2129, 2079, 1045, 25141, 2026, 20786, 1029, 102},
          new long[] {101, 1996, 4518, 3006, 3062, 7176, 2651, 102});

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
  void mini_lm_folds_its_six_feed_forward_layers_and_nothing_else() throws IOException {
    Path model = miniLm();
    InspectReport report = Folds.inspect(model);
    assertThat(report.groups()).hasSize(6).allSatisfy(g -> assertThat(g.width()).isEqualTo(1536));
    assertThat(report.frozen())
        .filteredOn(f -> f.name().contains("word_embeddings"))
        .singleElement()
        .satisfies(f -> assertThat(f.reason()).contains("LayerNorm"));

    Path folded = folder.resolve("folded.onnx");
    Path pruned = folder.resolve("pruned.onnx");
    FoldOptions options = FoldOptions.of(new Target.Channels(0.25));
    FoldReport fold = Folds.fold(model, folded, options);
    Folds.fold(model, pruned, options.with(Method.L2));
    assertThat(fold.verification().maxRelativeDifferenceOfDuplicates()).isLessThan(1e-4);
    double folding = similarity(model, folded);
    LoggerFactory.getLogger(RealModelsTest.class)
        .info("cosine similarity: folded {}, L2-pruned {}", folding, similarity(model, pruned));
    assertThat(folding).isGreaterThan(0.75);
    Path fitted = folder.resolve("fitted.onnx");
    FoldReport fit =
        Folds.fold(model, fitted, options.with(dev.pleat.core.fold.Repair.LEAST_SQUARES));
    Path prunedFit = folder.resolve("prunedfit.onnx");
    Folds.fold(
        model, prunedFit, options.with(Method.L2).with(dev.pleat.core.fold.Repair.LEAST_SQUARES));
    System.out.println(
        "XXX "
            + fit.agreement()
            + fit.repairReason()
            + " "
            + folding
            + " "
            + similarity(model, pruned)
            + " -> "
            + similarity(model, fitted)
            + " "
            + similarity(model, prunedFit)
            + " "
            + fit.seconds());
  }

  /** Mean cosine similarity of the mean-pooled embeddings of both models. */
  private static double similarity(Path a, Path b) {
    try (OnnxSession first = OnnxSession.open(a, 2);
        OnnxSession second = OnnxSession.open(b, 2)) {
      return SENTENCES.stream()
          .mapToDouble(ids -> cosine(embedding(first, ids), embedding(second, ids)))
          .average()
          .orElseThrow();
    }
  }

  private static double[] embedding(OnnxSession session, long[] ids) {
    long[] shape = {1, ids.length};
    long[] ones = new long[ids.length];
    java.util.Arrays.fill(ones, 1);
    Map<String, TensorValue> outputs =
        session.run(
            Map.of(
                "input_ids", new TensorValue.Integers(shape, ids),
                "attention_mask", new TensorValue.Integers(shape, ones),
                "token_type_ids", new TensorValue.Integers(shape, new long[ids.length])));
    TensorValue.Floats tokens = (TensorValue.Floats) outputs.values().iterator().next();
    int width = (int) tokens.shape()[2];
    double[] mean = new double[width];
    for (int i = 0; i < tokens.values().length; i++) {
      mean[i % width] += tokens.values()[i];
    }
    return mean;
  }

  private static double cosine(double[] a, double[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
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
