package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.onnx.run.TensorValue;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Networks as exporters write them. Half of the channels and half of the heads go; planted
 * duplicates that fold back without changing the outputs prove that every use was found.
 */
final class ExportedNetworksTest {
  @TempDir private Path folder;

  private static Path model(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(
                ExportedNetworksTest.class.getResource("/exported/%s.onnx".formatted(name)), name)
            .toURI());
  }

  private FoldReport fold(String name) throws URISyntaxException {
    FoldOptions options =
        FoldOptions.of(new Target.Channels(0.5)).with(Repair.APPROXIMATE).withHeads(0.5);
    return Folds.fold(model(name), folder.resolve(name + ".onnx"), options);
  }

  /** Groups that must fold, and the share of all parameters that must go with them. */
  @ParameterizedTest
  @CsvSource({
    "bert.torchscript, 4, 0.39",
    "coat.torchscript, 17, 0.30",
    "convnext-v2.torchscript, 4, 0.30",
    "deberta.dynamo, 2, 0.19",
    "edgenext.torchscript, 6, 0.33",
    "group-norm.dynamo, 9, 0.69",
    "group-norm.torchscript, 9, 0.69",
    "llama.dynamo, 4, 0.40",
    "llama.torchscript, 4, 0.40",
    "maxvit.torchscript, 15, 0.47",
    "mvit.dynamo, 2, 0.21",
    "pixel-shuffle.torchscript, 3, 0.72",
    "shufflenet.dynamo, 19, 0.69",
    "shufflenet.torchscript, 19, 0.69",
    "swin.torchscript, 8, 0.45",
    "t5.torchscript, 8, 0.45",
    "vit.dynamo, 4, 0.34",
    "vit.torchscript, 4, 0.34"
  })
  void an_exported_network_folds_and_folded_duplicates_change_nothing(
      String name, int groups, double removed) throws URISyntaxException {
    FoldReport report = fold(name);

    assertThat(report.verification().ran()).isTrue();
    assertThat(report.verification().maxAbsDifferenceAtRatioZero()).isZero();
    assertThat(report.verification().maxRelativeDifferenceOfDuplicates()).isLessThan(1e-4);
    List<GroupReport> folding = report.groups().stream().filter(g -> !g.frozen()).toList();
    assertThat(folding).hasSizeGreaterThanOrEqualTo(groups);
    assertThat(folding).allSatisfy(g -> assertThat(g.after()).isLessThan(g.before()));
    assertThat(report.parameters().removed()).isGreaterThan(removed);
    Map<String, TensorValue> outputs = Folds.run(folder.resolve(name + ".onnx"), Map.of());
    Map<String, TensorValue> expected = Folds.run(model(name), Map.of());
    assertThat(outputs.keySet()).isEqualTo(expected.keySet());
    expected.forEach((output, value) ->
        assertThat(Objects.requireNonNull(outputs.get(output)).shape()).isEqualTo(value.shape()));
  }

  @ParameterizedTest
  @CsvSource({"group-norm", "llama", "shufflenet", "vit"})
  void both_exporters_give_the_same_groups(String name) throws URISyntaxException {
    FoldReport one = fold(name + ".torchscript");
    FoldReport other = fold(name + ".dynamo");

    assertThat(widths(one)).isEqualTo(widths(other));
    assertThat(one.parameters().removed())
        .isCloseTo(other.parameters().removed(), Offset.offset(0.02));
  }

  private static List<Integer> widths(FoldReport report) {
    return report.groups().stream().filter(g -> !g.frozen()).map(GroupReport::before).toList();
  }

  @Test
  void a_mean_across_channels_still_counts_every_channel_that_merged() throws URISyntaxException {
    FoldReport report = fold("convnext-v2.torchscript");

    assertThat(report.groups())
        .filteredOn(g -> g.name().endsWith("fc1"))
        .hasSize(4)
        .allSatisfy(g -> assertThat(g.frozen()).isFalse());
  }
}
