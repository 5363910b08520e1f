package dev.pleat.cli;

import dev.pleat.cli.terminal.Table;
import dev.pleat.core.report.Agreement;
import dev.pleat.core.report.EmbeddingAgreement;
import dev.pleat.core.report.EvalReport;
import dev.pleat.core.report.Footprint;
import dev.pleat.core.report.Latency;
import dev.pleat.report.figures.Figures;
import java.util.List;

/** A report of {@code eval} for people. */
record EvalSummary(EvalReport report) {

  /** The lines to show. */
  List<String> lines() {
    Table table = new Table(report.model(), "");
    report.accuracy().ifPresent(share -> table.row("accuracy", Figures.percent(share)));
    report.top5().ifPresent(share -> table.row("top-5", Figures.percent(share)));
    if (report.count() > 0) {
      String what = report.embeddings().isPresent() ? "inputs" : "images";
      table.row(what, Figures.count(report.count()));
    }
    report
        .embeddings()
        .ifPresentOrElse(
            embeddings -> add(table, embeddings),
            () -> report.agreement().ifPresent(agreement -> add(table, agreement)));
    Latency latency = report.latencyMs();
    add(table, "", latency);
    report.againstLatencyMs().ifPresent(original -> add(table, "original's ", original));
    report.throughputMs().ifPresent(many -> add(table, "", many));
    report.againstThroughputMs().ifPresent(many -> add(table, "original's ", many));
    table.row("threads", Figures.count(report.threads()));
    table.row("size", Figures.bytes(report.bytes()));
    report.footprint().ifPresent(footprint -> add(table, footprint));
    return table.lines();
  }

  private static void add(Table table, String whose, Latency latency) {
    String batch = latency.batch() == 1 ? "" : ", batch of " + latency.batch();
    table.row(whose + "latency, median" + batch, Figures.milliseconds(latency.median()));
    table.row(whose + "latency, p90" + batch, Figures.milliseconds(latency.p90()));
  }

  private static void add(Table table, Footprint footprint) {
    table.row("flash, fp32", Figures.bytes(footprint.flashFp32()));
    table.row("flash, int8", Figures.bytes(footprint.flashInt8()));
    footprint.ramFp32().ifPresent(ram -> table.row("RAM, fp32", Figures.bytes(ram)));
    footprint.ramInt8().ifPresent(ram -> table.row("RAM, int8", Figures.bytes(ram)));
    footprint
        .multiplyAccumulates()
        .ifPresent(macs -> table.row("multiply-accumulates", Figures.count(macs)));
  }

  private static void add(Table table, EmbeddingAgreement embeddings) {
    table.row("cosine of embeddings", Figures.plain(embeddings.cosine()));
    embeddings
        .rankCorrelation()
        .ifPresent(
            kept -> table.row("order of similarities, rank correlation", Figures.plain(kept)));
  }

  static void add(Table table, Agreement agreement) {
    table.row("same top-1 as the original", Figures.percent(agreement.top1()));
    table.row("KL divergence", Figures.plain(agreement.klDivergence()));
    table.row("largest difference", Figures.plain(agreement.maxAbsDifference()));
  }
}
