package dev.pleat.sweep;

import dev.pleat.core.report.EmbeddingAgreement;
import dev.pleat.core.report.Footprint;
import dev.pleat.core.report.Latency;
import dev.pleat.core.report.SweepReport;
import dev.pleat.core.report.SweepReport.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The results of a sweep for spreadsheets. */
final class SweepCsv {
  private SweepCsv() {}

  /** A heading, then the original, then one line for each fold. */
  static String of(SweepReport report) {
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
