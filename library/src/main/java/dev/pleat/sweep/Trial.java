package dev.pleat.sweep;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.Change;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.Quality;

/**
 * One fold of a sweep.
 *
 * @param options what is asked for
 */
public record Trial(FoldOptions options) {

  /** The option that gives the target, without its dashes. */
  String target() {
    return switch (options.target()) {
      case Target.Channels unused -> "channels";
      case Target.Parameters unused -> "params";
      case Target.Flops unused -> "flops";
      case Target.Size unused -> "size";
      case Target.SizeShare unused -> "size";
      case Target.Latency unused -> "latency-budget";
      case Target.Flash unused -> "flash";
      case Target.Ram unused -> "ram";
      case Target.Keep unused -> "keep";
    };
  }

  /** The target's value: a share removed, bytes, or for {@code size} in percent the share left. */
  double asked() {
    return switch (options.target()) {
      case Target.Channels(double ratio) -> ratio;
      case Target.Parameters(double ratio) -> ratio;
      case Target.Flops(double ratio) -> ratio;
      case Target.Size(long bytes) -> bytes;
      case Target.SizeShare(double share) -> share;
      case Target.Latency(double share) -> share;
      case Target.Flash flash -> flash.bytes();
      case Target.Ram ram -> ram.bytes();
      case Target.Keep(double quality) -> quality;
    };
  }

  /** The same quantity of a result. */
  double achieved(FoldReport report) {
    return switch (options.target()) {
      case Target.Channels unused -> removed(report.channels());
      case Target.Parameters unused -> removed(report.parameters());
      case Target.Flops unused -> report.flops().map(Trial::removed).orElse(Double.NaN);
      case Target.Size unused -> report.bytes().after();
      case Target.SizeShare unused -> 1 - removed(report.bytes());
      case Target.Flash unused ->
          report.budget().map(b -> b.achieved().orElse(b.predicted())).orElse(Double.NaN);
      case Target.Ram unused ->
          report.budget().map(b -> b.achieved().orElse(b.predicted())).orElse(Double.NaN);
      case Target.Latency unused ->
          report
              .budget()
              .map(budget -> budget.achieved().orElse(budget.predicted()) / budget.original())
              .orElse(Double.NaN);
      case Target.Keep unused -> report.quality().flatMap(Quality::value).orElse(Double.NaN);
    };
  }

  private static double removed(Change change) {
    return 1 - (double) change.after() / change.before();
  }

  /** What tells it from the other trials of a sweep, for people too. */
  String key() {
    return "%s, repair %s, %s"
        .formatted(options.method().spelling(), options.repair().spelling(), options.summary());
  }
}
