package dev.pleat.cli;

import dev.pleat.cli.terminal.Table;
import dev.pleat.core.report.Agreement;
import dev.pleat.core.report.Budget;
import dev.pleat.core.report.Change;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.Footprint;
import dev.pleat.core.report.FootprintChange;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.report.Quality;
import dev.pleat.core.report.Seconds;
import dev.pleat.core.report.Timing;
import dev.pleat.core.report.Verification;
import dev.pleat.onnx.data.ImageInput;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.report.figures.Figures;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** A report of {@code fold} for people. */
record FoldSummary(FoldReport report) {
  /** Bytes of weights up to which anybody thinks of a microcontroller. */
  private static final long MICROCONTROLLER = 16_000_000;

  /**
   * The lines to show.
   *
   * @param details whether to list the groups and where the time went
   */
  List<String> lines(boolean details) {
    List<String> lines = new ArrayList<>();
    if (details) {
      lines.addAll(groups().lines());
      lines.add("");
      lines.add(seconds());
      lines.add("");
    }
    lines.addAll(figures().lines());
    lines.add("");
    report.budget().ifPresent(budget -> lines.add("budget    " + budget(budget)));
    if (!report.roundReason().isEmpty()) {
      lines.add("round     %d: %s".formatted(report.round(), report.roundReason()));
    }
    report.timings().stream()
        .findFirst()
        .ifPresent(timing ->
            lines.add(
                "timed     in turns, medians, %d threads, without spinning"
                    .formatted(timing.threads())));
    lines.add("repair    %s: %s".formatted(report.repair(), report.repairReason()));
    report.agreement().ifPresent(agreement -> lines.add("agrees    " + agrees(agreement)));
    report
        .quality()
        .flatMap(Quality::value)
        .ifPresent(value -> lines.add("quality   " + quality(value)));
    lines.add("verified  " + verified());
    if (!report.output().isEmpty()) {
      lines.add("written   " + report.output());
      lines.add(
          "evaluate  pleat eval %s --against %s %s"
              .formatted(
                  ShellText.quoted(report.output()),
                  ShellText.quoted(report.input()),
                  evaluationInputs(Path.of(report.output()))));
    }
    report
        .quality()
        .map(Quality::warning)
        .filter(warning -> !warning.isEmpty())
        .ifPresent(warning -> lines.add("warning   " + warning));
    return lines;
  }

  /** The option of {@code eval} that gives a model what it reads. */
  private static String evaluationInputs(Path output) {
    if (!Files.isRegularFile(output)) {
      return "--text FILE";
    }
    return ImageInput.takesImages(ModelReader.read(output))
        ? "--images FOLDER (or --inputs FILE.npz)"
        : "--inputs FILE.npz";
  }

  /** Says on the side what no summary says, where none is shown. */
  static void warn(FoldReport report, CommonOptions common, PrintWriter err) {
    if (common.json() || common.quiet()) {
      report
          .quality()
          .map(Quality::warning)
          .filter(warning -> !warning.isEmpty())
          .ifPresent(warning -> err.println("pleat: warning: " + warning));
    }
  }

  private String quality(double value) {
    Quality quality = report.quality().orElseThrow();
    String what = quality.measure().equals("top1") ? "top-1 agreement" : "fidelity";
    return "%s %s: %s"
        .formatted(
            what,
            Figures.plain(value),
            quality.kinds().stream()
                .map(kind -> "%s on %s".formatted(Figures.plain(kind.value()), kind.source()))
                .collect(Collectors.joining("; ")));
  }

  private Table figures() {
    Table table = new Table("", "before", "after", "change");
    Change parameters = report.parameters();
    row(
        table,
        "parameters",
        parameters,
        Figures.count(parameters.before()),
        Figures.count(parameters.after()));
    Change bytes = report.bytes();
    row(table, "size", bytes, Figures.bytes(bytes.before()), Figures.bytes(bytes.after()));
    report
        .flops()
        .ifPresent(flops ->
            row(
                table,
                "FLOPs",
                flops,
                Figures.flops(flops.before()),
                Figures.flops(flops.after())));
    report
        .footprint()
        .filter(change -> change.before().flashFp32() < MICROCONTROLLER)
        .ifPresent(change -> add(table, change));
    report.timings().forEach(timing -> add(table, timing));
    Change channels = report.channels();
    row(
        table,
        "channels",
        channels,
        Figures.count(channels.before()),
        Figures.count(channels.after()));
    double objective = report.folded().stream().mapToDouble(GroupReport::objective).sum();
    table.row("J", "0", Figures.plain(objective), "");
    table.row("relative error", "0", Figures.plain(mean(GroupReport::relativeError)), "");
    table.row(
        "variance ratio",
        Figures.plain(mean(GroupReport::varianceRatioBefore)),
        Figures.plain(mean(GroupReport::varianceRatio)),
        "by repair");
    return table;
  }

  private static void add(Table table, FootprintChange change) {
    Footprint before = change.before();
    Footprint after = change.after();
    bytes(table, "flash, fp32", before.flashFp32(), after.flashFp32());
    bytes(table, "flash, int8", before.flashInt8(), after.flashInt8());
    before.ramFp32().ifPresent(ram -> bytes(table, "RAM, fp32", ram, after.ramFp32().orElse(ram)));
    before.ramInt8().ifPresent(ram -> bytes(table, "RAM, int8", ram, after.ramInt8().orElse(ram)));
  }

  private static void bytes(Table table, String name, long before, long after) {
    row(table, name, new Change(before, after), Figures.bytes(before), Figures.bytes(after));
  }

  private static void add(Table table, Timing timing) {
    int batch = timing.before().batch();
    String what = batch == 1 ? "latency" : "latency, batch of " + batch;
    latency(table, what, timing.before().median(), timing.after().median());
    latency(table, what + ", p90", timing.before().p90(), timing.after().p90());
  }

  private static void latency(Table table, String what, double before, double after) {
    table.row(
        what,
        Figures.milliseconds(before),
        Figures.milliseconds(after),
        Figures.removed(1 - after / before));
  }

  private static void row(Table table, String name, Change change, String before, String after) {
    table.row(name, before, after, Figures.removed(change.removed()));
  }

  private Table groups() {
    Table table =
        new Table(
            "group", "before", "after", "J", "relative error", "variance", "repaired", "why<");
    for (GroupReport group : report.groups()) {
      table.row(
          group.name(),
          Figures.count(group.before()),
          Figures.count(group.after()),
          Figures.plain(group.objective()),
          Figures.plain(group.relativeError()),
          Figures.plain(group.varianceRatioBefore()),
          Figures.plain(group.varianceRatio()),
          group.reason());
    }
    return table;
  }

  private String budget(Budget budget) {
    boolean time = budget.measure().equals("latency");
    DoubleFunction<String> figure =
        value -> time ? Figures.milliseconds(value) : Figures.count((long) value);
    return "%s %s: at most %s, predicted %s%s"
        .formatted(
            report.allocation(),
            budget.measure(),
            figure.apply(budget.most()),
            figure.apply(budget.predicted()),
            budget.achieved().map(value -> ", achieved " + figure.apply(value)).orElse(""));
  }

  private static String agrees(Agreement agreement) {
    return "with the original on %s of inputs that nothing was fitted to; KL divergence %s"
        .formatted(Figures.percent(agreement.top1()), Figures.plain(agreement.klDivergence()));
  }

  private String verified() {
    Verification verification = report.verification();
    if (!verification.ran()) {
      return verification.why().isEmpty() ? "no" : "no: " + verification.why();
    }
    String part = verification.why().isEmpty() ? "" : verification.why() + "; ";
    return verification.verified()
        + ": "
        + part
        + "it runs; a ratio-0 fold changes outputs by %s, folding planted duplicates by %s"
            .formatted(
                Figures.plain(verification.maxAbsDifferenceAtRatioZero()),
                Figures.plain(verification.maxRelativeDifferenceOfDuplicates()));
  }

  private String seconds() {
    Seconds s = report.seconds();
    return String.format(
        Locale.ROOT,
        "seconds: read %.3f, trace %.3f, gram %.3f, cluster %.3f, merge %.3f, repair %.3f, "
            + "write %.3f, verify %.3f",
        s.read(),
        s.trace(),
        s.gram(),
        s.cluster(),
        s.merge(),
        s.repair(),
        s.write(),
        s.verify());
  }

  /** The mean over the channels of the groups that shrank; not a number when none did. */
  private double mean(ToDoubleFunction<GroupReport> figure) {
    double sum = 0;
    long channels = 0;
    for (GroupReport group : report.folded()) {
      sum += group.before() * figure.applyAsDouble(group);
      channels += group.before();
    }
    return sum / channels;
  }
}
