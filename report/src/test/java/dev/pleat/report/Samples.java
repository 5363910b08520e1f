package dev.pleat.report;

import dev.pleat.core.report.Agreement;
import dev.pleat.core.report.Budget;
import dev.pleat.core.report.Change;
import dev.pleat.core.report.ClusterCount;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupDetail;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.core.report.InspectReport.Point;
import dev.pleat.core.report.Latency;
import dev.pleat.core.report.Seconds;
import dev.pleat.core.report.SimilarityMap;
import dev.pleat.core.report.SweepReport;
import dev.pleat.core.report.Timing;
import dev.pleat.core.report.Verification;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Reports as commands make them, from seeded noise. */
public final class Samples {
  private static final Origin ORIGIN =
      new Origin(
          "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
          "pleat fold models/network.onnx -o half.onnx --channels 0.5 --report half.html",
          "0.1.0",
          "2026-11-24T12:00:00Z");

  private Samples() {}

  /** A fold of so many groups, half of the channels of each. */
  public static FoldPage fold(int groups, IntFunction<String> name) {
    Random random = new Random(groups);
    List<GroupReport> reports = new ArrayList<>();
    List<GroupDetail> details = new ArrayList<>();
    for (int g = 0; g < groups; g++) {
      int width = 64 << random.nextInt(4);
      List<Point> curve = curve(width, random);
      reports.add(
          new GroupReport(
              name.apply(g),
              width,
              width / 2,
              curve.get(31).objective(),
              0.1 + 0.2 * random.nextDouble(),
              0.95 + 0.1 * random.nextDouble(),
              0.4 + 0.3 * random.nextDouble(),
              false,
              "",
              List.of(
                  new ClusterCount(1, width / 4),
                  new ClusterCount(2, width / 8),
                  new ClusterCount(5, width / 16),
                  new ClusterCount(23, 1))));
      details.add(
          new GroupDetail(
              name.apply(g),
              curve,
              Optional.of(curve.get(25)),
              map(width, random),
              map(width / 2, random)));
    }
    reports.add(GroupReport.frozen(name.apply(groups), 10, "it is the model output 'logits'"));
    FoldReport report =
        new FoldReport(
            "models/network.onnx",
            "half.onnx",
            "fold",
            "least-squares",
            "the best, on 256 made inputs",
            "256 inputs that the network made",
            Optional.of(new Agreement(0.9531, 0.0312, 1.5)),
            Optional.empty(),
            0,
            new Change(23_801_386, 6_703_354),
            new Change(95_220_000, 26_830_000),
            Optional.of(new Change(4_110_000_000L, 1_150_000_000L)),
            new Change(26_560, 13_285),
            reports,
            new Verification(true, 0, 2.6e-7),
            new Seconds(1, 2, 3, 4, 5, 6, 7, 8, 9),
            "uniform",
            1,
            "",
            Optional.of(
                new Budget(
                    "parameters", 23_801_386, 7_000_000, 6_703_354, Optional.of(6_703_354.0))),
            List.of(),
            Optional.empty());
    return new FoldPage(report.withTimings(latencies()), details, ORIGIN);
  }

  private static List<Timing> latencies() {
    return List.of(
        new Timing(2, new Latency(9.21, 11.32, 1), new Latency(3.87, 4.1, 1)),
        new Timing(2, new Latency(251.4, 262.7, 32), new Latency(88.3, 93.5, 32)));
  }

  /** An inspection of the same groups. */
  public static InspectPage inspect(int groups, IntFunction<String> name) {
    Random random = new Random(groups);
    List<InspectReport.Group> described =
        IntStream.range(0, groups)
            .mapToObj(g -> {
              int width = 64 << random.nextInt(4);
              return new InspectReport.Group(
                  name.apply(g),
                  width,
                  36_864,
                  List.of("weight[0] producer"),
                  width / 2 + 1,
                  curve(width, random),
                  Optional.of(0.01),
                  width / 2,
                  List.of(new InspectReport.Choice(0.25, width - 1)));
            })
            .toList();
    return new InspectPage(
        new InspectReport(
            "models/network.onnx",
            23_801_386,
            95_220_000,
            Optional.of(4_110_000_000L),
            described,
            List.of(new InspectReport.Frozen(name.apply(groups), 10, "it is the output")),
            List.of(
                new InspectReport.Share("", 23_000_000, Optional.of(0.97)),
                new InspectReport.Share("it is the output", 801_386, Optional.of(0.03))),
            "",
            "least-squares",
            "the best that is possible without data",
            Optional.empty()),
        ORIGIN);
  }

  /** A sweep of two methods with two repairs, measured by accuracy. */
  public static SweepPage sweep() {
    List<SweepReport.Point> points = new ArrayList<>();
    for (String method : List.of("fold", "l1")) {
      for (String repair : List.of("least-squares", "none")) {
        double loss = (method.equals("fold") ? 0.1 : 0.6) * (repair.equals("none") ? 1 : 0.3);
        for (double asked : new double[] {0.25, 0.5, 0.7, 0.9}) {
          points.add(
              new SweepReport.Point(
                  method,
                  repair,
                  "uniform",
                  "params",
                  asked,
                  asked + 0.003,
                  asked * asked / 2,
                  result(1 - asked, 0.936 - loss * asked * asked)));
        }
      }
    }
    return new SweepPage(
        new SweepReport(
            "models/network.onnx", "images/", 2000, 0, result(1, 0.936), points, 1.5, List.of()),
        ORIGIN);
  }

  /** A sweep of a language model, of which the last point is no number. */
  public static SweepPage perplexities() {
    List<SweepReport.Point> points = new ArrayList<>();
    for (double asked : new double[] {0.1, 0.3, 0.5, 0.9}) {
      double perplexity = asked == 0.9 ? Double.NaN : 3.548 * Math.pow(10, 8 * asked);
      points.add(
          new SweepReport.Point(
              "fold",
              "self",
              "global",
              "size",
              8e6 * asked,
              7.9e6,
              asked,
              text(1 - asked, perplexity)));
    }
    return new SweepPage(
        new SweepReport("stories", "sample.txt", 1200, 0, text(1, 3.548), points, 1.5, List.of()),
        ORIGIN);
  }

  private static SweepReport.Result text(double left, double perplexity) {
    return new SweepReport.Result(
        Math.round(260_032 * left),
        Optional.empty(),
        Math.round(1_040_000 * left),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(perplexity),
        Optional.empty());
  }

  private static SweepReport.Result result(double left, double accuracy) {
    return new SweepReport.Result(
        Math.round(2_801_386 * left),
        Optional.of(Math.round(60_970_000 * left)),
        Math.round(11_220_000 * left),
        List.of(new Latency(0.4 + 0.6 * left, 1.2, 1)),
        Optional.of(accuracy),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static List<Point> curve(int width, Random random) {
    double bend = 1 + 3 * random.nextDouble();
    return IntStream.rangeClosed(1, 64)
        .mapToObj(p -> new Point(width * p / 64, 40 * Math.pow(1 - p / 64.0, bend)))
        .toList();
  }

  private static SimilarityMap map(int channels, Random random) {
    int side = Math.min(channels, SimilarityMap.MOST);
    byte[] cells = new byte[side * side];
    for (int r = 0; r < side; r++) {
      for (int c = 0; c <= r; c++) {
        byte cell =
            r == c ? Byte.MAX_VALUE : (byte) Math.clamp(40 * random.nextGaussian(), -127, 127);
        cells[r * side + c] = cell;
        cells[c * side + r] = cell;
      }
    }
    return new SimilarityMap(channels, side, cells);
  }
}
