package dev.pleat.cli;

import dev.pleat.cli.terminal.Table;
import dev.pleat.core.report.EmbeddingAgreement;
import dev.pleat.core.report.Footprint;
import dev.pleat.core.report.Latency;
import dev.pleat.core.report.SweepReport;
import dev.pleat.core.report.SweepReport.Result;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.part.Measure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A report of {@code sweep} for people and for spreadsheets. */
record SweepSummary(SweepReport report) {

  List<String> lines() {
    Measure measure = Measure.of(report.original());
    Table table =
        new Table(
            "method",
            "repair<",
            "allocation<",
            "asked",
            "achieved",
            "error",
            measure.label().toLowerCase(Locale.ROOT),
            "parameters",
            "size",
            "latency");
    row(table, "original", "", "", "", "", "", measure, report.original());
    for (SweepReport.Point point : report.points()) {
      row(
          table,
          point.method(),
          point.repair(),
          point.allocation(),
          "%s %s".formatted(point.target(), amount(point.asked())),
          amount(point.achieved()),
          Figures.percent(point.relativeError()),
          measure,
          point.result());
    }
    List<String> lines = new ArrayList<>(table.lines());
    lines.add("");
    report
        .failures()
        .forEach(failure ->
            lines.add("not possible: %s: %s".formatted(failure.trial(), failure.reason())));
    lines.add(
        String.format(
            Locale.ROOT,
            "measured on %s; %.2f s of clustering for all %d folds",
            report.count() > 0
                ? "%s of %s".formatted(Figures.count(report.count()), report.data())
                : report.data(),
            report.seconds(),
            report.points().size()));
    return lines;
  }

  private static void row(
      Table table,
      String method,
      String repair,
      String allocation,
      String asked,
      String achieved,
      String error,
      Measure measure,
      Result result) {
    table.row(
        method,
        repair,
        allocation,
        asked,
        achieved,
        error,
        measure.figure(result),
        Figures.count(result.parameters()),
        Figures.bytes(result.bytes()),
        result.latencyMs().stream()
            .findFirst()
            .map(latency -> Figures.milliseconds(latency.median()))
            .orElse("–"));
  }

  private static String amount(double value) {
    return value > 1 ? Figures.bytes((long) value) : Figures.percent(value);
  }

  /** The same for spreadsheets: a heading, then the original, then one line for each fold. */
  String csv() {
    StringBuilder csv =
        new StringBuilder(
            "method,repair,allocation,target,asked,achieved,parameters,flops,bytes,latency_ms,latency_batch,throughput_ms,throughput_batch,accuracy,agreement,kl_divergence,perplexity,embedding_cosine,similarity_rank_correlation,flash_fp32,flash_int8,ram_fp32,ram_int8,relative_error\n");
    csv.append("original,,,,,,").append(figures(report.original())).append(",\n");
    for (SweepReport.Point point : report.points()) {
      csv.append(
              String.join(
                  ",",
                  point.method(),
                  point.repair(),
                  point.allocation(),
                  point.target(),
                  Double.toString(point.asked()),
                  Double.toString(point.achieved())))
          .append(',')
          .append(figures(point.result()))
          .append(',')
          .append(point.relativeError())
          .append('\n');
    }
    return csv.toString();
  }

  private static String figures(Result result) {
    List<String> cells = new ArrayList<>();
    cells.add(Long.toString(result.parameters()));
    cells.add(result.flops().map(String::valueOf).orElse(""));
    cells.add(Long.toString(result.bytes()));
    for (int i = 0; i < 2; i++) {
      List<Latency> latencies = result.latencyMs().stream().skip(i).limit(1).toList();
      cells.add(latencies.stream().findFirst().map(l -> "" + l.median()).orElse(""));
      cells.add(latencies.stream().findFirst().map(l -> "" + l.batch()).orElse(""));
    }
    cells.add(result.accuracy().map(String::valueOf).orElse(""));
    cells.add(result.agreement().map(a -> "" + a.top1()).orElse(""));
    cells.add(result.agreement().map(a -> "" + a.klDivergence()).orElse(""));
    cells.add(result.perplexity().map(String::valueOf).orElse(""));
    cells.add(result.embeddings().map(e -> "" + e.cosine()).orElse(""));
    cells.add(
        result
            .embeddings()
            .flatMap(EmbeddingAgreement::rankCorrelation)
            .map(String::valueOf)
            .orElse(""));
    Optional<Footprint> needs = result.footprint();
    cells.add(needs.map(footprint -> "" + footprint.flashFp32()).orElse(""));
    cells.add(needs.map(footprint -> "" + footprint.flashInt8()).orElse(""));
    cells.add(needs.flatMap(Footprint::ramFp32).map(String::valueOf).orElse(""));
    cells.add(needs.flatMap(Footprint::ramInt8).map(String::valueOf).orElse(""));
    return String.join(",", cells);
  }
}
