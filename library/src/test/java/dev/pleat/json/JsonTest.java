package dev.pleat.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.report.Agreement;
import dev.pleat.core.report.Budget;
import dev.pleat.core.report.Change;
import dev.pleat.core.report.ClusterCount;
import dev.pleat.core.report.EmbeddingAgreement;
import dev.pleat.core.report.EvalReport;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.core.report.Latency;
import dev.pleat.core.report.Seconds;
import dev.pleat.core.report.Timing;
import dev.pleat.core.report.Verification;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Field names are a promise to other programs: add, never rename. */
class JsonTest {
  private static final Change CHANGE = new Change(8, 4);

  private static FoldReport fold(Optional<Change> flops, double objective) {
    return new FoldReport(
        "in.onnx",
        "out.onnx",
        "fold",
        "approximate",
        "has batch normalisation",
        "256 made inputs",
        Optional.of(new Agreement(0.9, 0.1, 2)),
        Optional.empty(),
        7,
        CHANGE,
        CHANGE,
        flops,
        CHANGE,
        List.of(
            new GroupReport(
                "g", 8, 4, objective, 0.1, 0.9, 0.5, false, "", List.of(new ClusterCount(2, 4)))),
        new Verification(true, 0, 1e-7),
        new Seconds(1, 2, 3, 4, 5, 6, 7, 8, 9),
        "global",
        8,
        "measured",
        Optional.of(new Budget("parameters", 8, 4.5, 4, Optional.of(4.0))),
        List.of(new Timing(2, new Latency(1, 2, 1), new Latency(1, 2, 1))),
        Optional.empty());
  }

  private static JsonNode json(Record report) {
    return JsonMapper.builder().build().readTree(Json.of(report));
  }

  @Test
  void the_fields_of_a_fold_are_pinned() {
    JsonNode report = json(fold(Optional.of(CHANGE), 0.5));

    assertThat(report.propertyNames())
        .containsExactly(
            "input",
            "output",
            "method",
            "repair",
            "repairReason",
            "repairInputs",
            "agreement",
            "quality",
            "seed",
            "parameters",
            "bytes",
            "flops",
            "channels",
            "groups",
            "verification",
            "seconds",
            "allocation",
            "round",
            "roundReason",
            "budget",
            "timings",
            "footprint");
    assertThat(report.get("budget").propertyNames())
        .containsExactly("measure", "original", "most", "predicted", "achieved");
    assertThat(report.get("timings").get(0).propertyNames())
        .containsExactly("threads", "before", "after");
    for (String change : List.of("parameters", "bytes", "flops", "channels")) {
      assertThat(report.get(change).propertyNames()).containsExactly("before", "after");
    }
    assertThat(report.get("groups").get(0).propertyNames())
        .containsExactly(
            "name",
            "before",
            "after",
            "objective",
            "relativeError",
            "varianceRatio",
            "varianceRatioBefore",
            "frozen",
            "reason",
            "clusters");
    assertThat(report.get("groups").get(0).get("clusters").get(0).propertyNames())
        .containsExactly("members", "clusters");
    assertThat(report.get("verification").propertyNames())
        .containsExactly(
            "ran",
            "maxAbsDifferenceAtRatioZero",
            "maxRelativeDifferenceOfDuplicates",
            "verified",
            "why");
    assertThat(report.get("seconds").propertyNames())
        .containsExactly(
            "read", "trace", "gram", "cluster", "merge", "repair", "write", "verify", "plan");
  }

  @Test
  void the_fields_of_an_inspection_are_pinned() {
    JsonNode report =
        json(
            new InspectReport(
                "in.onnx",
                1,
                2,
                Optional.of(3L),
                List.of(
                    new InspectReport.Group(
                        "g",
                        8,
                        9,
                        List.of("w[0]"),
                        4,
                        List.of(new InspectReport.Point(1, 0.5)),
                        Optional.of(0.5),
                        3,
                        List.of(new InspectReport.Choice(0.25, 7)))),
                List.of(new InspectReport.Frozen("f", 3, "graph input")),
                List.of(new InspectReport.Share("graph input", 1, Optional.of(1.0))),
                "",
                "least-squares",
                "the best",
                Optional.empty()));

    assertThat(report.propertyNames())
        .containsExactly(
            "input",
            "parameters",
            "bytes",
            "flops",
            "groups",
            "frozen",
            "shares",
            "obstacle",
            "repair",
            "repairReason",
            "footprint");
    assertThat(report.get("shares").get(0).propertyNames())
        .containsExactly("reason", "parameters", "flopsShare");
    JsonNode group = report.get("groups").get(0);
    assertThat(group.propertyNames())
        .containsExactly(
            "name",
            "width",
            "parameters",
            "members",
            "planned",
            "curve",
            "flopsShare",
            "knee",
            "choices");
    assertThat(group.get("choices").get(0).propertyNames()).containsExactly("params", "width");
    assertThat(group.get("curve").get(0).propertyNames()).containsExactly("k", "objective");
    assertThat(report.get("frozen").get(0).propertyNames())
        .containsExactly("name", "width", "reason");
    assertThat(report.get("flops").asLong()).isEqualTo(3);
  }

  @Test
  void the_fields_of_an_evaluation_are_pinned() {
    JsonNode report =
        json(
            new EvalReport(
                "m.onnx",
                Optional.of(0.9),
                Optional.empty(),
                10,
                Optional.of(new Agreement(0.9, 0.1, 2)),
                Optional.of(new EmbeddingAgreement(0.9, Optional.of(0.8))),
                new Latency(1, 2, 1),
                Optional.of(new Latency(1, 2, 1)),
                42,
                2,
                Optional.of(new Latency(1, 2, 32)),
                Optional.of(new Latency(1, 2, 32)),
                Optional.empty()));

    assertThat(report.propertyNames())
        .containsExactly(
            "model",
            "accuracy",
            "top5",
            "count",
            "agreement",
            "embeddings",
            "latencyMs",
            "againstLatencyMs",
            "bytes",
            "threads",
            "throughputMs",
            "againstThroughputMs",
            "footprint");
    assertThat(report.get("agreement").propertyNames())
        .containsExactly("top1", "klDivergence", "maxAbsDifference");
    assertThat(report.get("latencyMs").propertyNames()).containsExactly("median", "p90", "batch");
    assertThat(report.get("accuracy").asDouble()).isEqualTo(0.9);
    assertThat(report.get("top5").isNull()).isTrue();
  }

  @Test
  void what_is_absent_or_no_number_is_null() {
    JsonNode report = json(fold(Optional.empty(), Double.NaN));

    assertThat(report.get("flops").isNull()).isTrue();
    assertThat(report.get("groups").get(0).get("objective").isNull()).isTrue();
  }
}
