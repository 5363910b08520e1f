package dev.pleat.cli;

import dev.pleat.cli.terminal.Table;
import dev.pleat.core.report.TextReport;
import dev.pleat.report.figures.Figures;
import java.util.List;

/** A report of {@code eval --text} for people. */
record TextSummary(TextReport report) {

  /** The lines to show. */
  List<String> lines() {
    Table table = new Table(report.model(), "");
    table.row("perplexity", Figures.plain(report.perplexity()));
    report
        .againstPerplexity()
        .ifPresent(original -> table.row("original's perplexity", Figures.plain(original)));
    table.row("tokens", Figures.count(report.tokens()));
    report.agreement().ifPresent(agreement -> EvalSummary.add(table, agreement));
    table.row("tokens per second", Figures.count(Math.round(report.tokensPerSecond())));
    table.row("size", Figures.bytes(report.bytes()));
    return table.lines();
  }
}
