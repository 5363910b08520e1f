package dev.pleat.cli.demo;

import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.report.FoldReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One way to make the network smaller.
 *
 * @param channels the share of channels to remove
 * @param method how channels are reduced
 * @param repair how statistics are repaired
 */
record DemoVariant(double channels, Method method, Repair repair) {

  /** Folding with both kinds of repair, without any, and pruning, at each ratio. */
  static List<DemoVariant> all() {
    List<DemoVariant> all = new ArrayList<>();
    for (double channels : new double[] {0.25, 0.5, 0.7}) {
      all.add(new DemoVariant(channels, Method.FOLD, Repair.LEAST_SQUARES));
      all.add(new DemoVariant(channels, Method.FOLD, Repair.APPROXIMATE));
      all.add(new DemoVariant(channels, Method.FOLD, Repair.NONE));
      all.add(new DemoVariant(channels, Method.L1, Repair.NONE));
    }
    return List.copyOf(all);
  }

  /** The name of the file that this variant is written to. */
  String fileName() {
    return "resnet18-%d-percent-%s-%s.onnx"
        .formatted(Math.round(100 * channels), lower(method), lower(repair));
  }

  /** What is known after folding; accuracy and latency are not measured yet. */
  DemoReport.Row row(FoldReport report) {
    return new DemoReport.Row(
        description(),
        channels,
        report.method(),
        report.repair(),
        0,
        report.parameters().after(),
        report.bytes().after(),
        0);
  }

  private String description() {
    String how =
        method != Method.FOLD
            ? method.name() + "-pruned"
            : switch (repair) {
              case NONE -> "folded, not repaired";
              case APPROXIMATE -> "folded, repaired from the weights alone";
              default -> "folded and repaired";
            };
    return "%d %% of channels %s".formatted(Math.round(100 * channels), how);
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
