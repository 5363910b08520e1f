package dev.pleat.report.part;

import dev.pleat.core.report.SweepReport.Result;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** What a model of a sweep costs. */
enum SweepCost {
  PARAMETERS("Parameters", result -> Optional.of((double) result.parameters())),
  FLOPS("FLOPs", result -> result.flops().map(Long::doubleValue)),
  SIZE("File size", result -> Optional.of((double) result.bytes())),
  LATENCY("Latency", result -> result.latencyMs().stream().findFirst().map(l -> l.median()));

  private final String label;
  private final Function<Result, Optional<Double>> value;

  SweepCost(String label, Function<Result, Optional<Double>> value) {
    this.label = label;
    this.value = value;
  }

  String label() {
    return label;
  }

  /** What identifies it in a page. */
  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The cost as a share of the original's; empty where it is not known. */
  Optional<Double> share(Result result, Result original) {
    return value
        .apply(result)
        .flatMap(cost -> value.apply(original).map(whole -> cost / whole))
        .filter(Double::isFinite);
  }
}
