package dev.pleat.onnx.quality;

import dev.pleat.core.report.Quality;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** What judgements of a folded model mean for whoever wants to use it. */
public final class Verdict {
  /** A model that keeps this much is taken for useful. */
  public static final double USEFUL = 0.95;

  /** One that keeps less than this is not. */
  private static final double POOR = 0.9;

  /** As near as a figure has to be to what unseen inputs would give. */
  private static final double NEAR = 0.05;

  /** Fewer inputs say little, whatever is measured. */
  private static final int FEW = 8;

  private final List<Judgement> kinds;
  private final boolean made;

  private Verdict(List<Judgement> kinds, boolean made) {
    this.kinds = kinds.stream().filter(Judgement::isMeasured).toList();
    this.made = made;
  }

  /**
   * The verdict.
   *
   * @param kinds judgements on different kinds of inputs, first that on what was held out
   * @param made whether all of them were made without data
   * @param obstacle why there are none, if so; may be empty
   * @param caution what is to be known of the inputs, said where nothing worse is; may be empty
   * @param keeps looks for a smaller reduction that is predicted to keep {@link #USEFUL}, as an
   *     option; asked where this one does not
   */
  public static Quality of(
      List<Judgement> kinds,
      boolean made,
      String obstacle,
      String caution,
      Supplier<Optional<String>> keeps) {
    return new Verdict(kinds, made).verdict(kinds, obstacle, caution, keeps);
  }

  private Quality verdict(
      List<Judgement> all, String obstacle, String caution, Supplier<Optional<String>> keeps) {
    if (kinds.isEmpty()) {
      return new Quality(
          "none", Optional.empty(), List.of(), List.of(), made, "", warning(all, obstacle));
    }
    Judgement first = kinds.getFirst();
    String smaller = safe() < USEFUL ? keeps.get().orElse("") : "";
    String warning = warning(smaller);
    return new Quality(
        first.top1().isPresent() ? "top1" : "fidelity",
        Optional.of(worst().value()),
        first.errors().keySet().stream()
            .map(name -> new Quality.Output(name, first.fidelity(name)))
            .toList(),
        kinds.stream().map(k -> new Quality.Kind(k.source(), k.inputs(), k.value())).toList(),
        made,
        smaller,
        warning.isEmpty() ? caution : warning);
  }

  private Judgement worst() {
    return kinds.stream().min(Comparator.comparingDouble(Judgement::value)).orElseThrow();
  }

  private double safe() {
    return kinds.stream().mapToDouble(kind -> kind.safe(made)).min().orElseThrow();
  }

  private static String warning(List<Judgement> all, String obstacle) {
    return "nobody knows whether this model still works: %s; compare it with the original on inputs of yours, or give some with --data"
        .formatted(unknown(all, obstacle));
  }

  /**
   * Why nothing could be measured.
   *
   * @param all judgements, none of which measured anything
   * @param obstacle why there are none, if so; may be empty
   */
  public static String unknown(List<Judgement> all, String obstacle) {
    return all.stream()
        .filter(kind -> !kind.constant().isEmpty())
        .findFirst()
        .map(kind ->
            "the output '%s' is the same for all of %s"
                .formatted(kind.constant().getFirst(), kind.source()))
        .orElse(obstacle.isEmpty() ? "its outputs cannot be compared" : obstacle);
  }

  private String warning(String smaller) {
    Judgement worst = worst();
    double value = worst.value();
    double safe = safe();
    List<String> parts = new ArrayList<>();
    if (safe < (made ? USEFUL : POOR)) {
      parts.add(
          "this model %s: %s %s on %s%s"
              .formatted(
                  value < POOR
                      ? "does not do what the original does"
                      : "may not do what the original does",
                  worst.top1().isPresent() ? "top-1 agreement" : "fidelity",
                  figure(value),
                  worst.source(),
                  safe < value ? ", whose scores keep " + figure(safe) : ""));
      parts.add(
          smaller.isEmpty()
              ? "give a smaller target, or --keep %s".formatted(figure(USEFUL))
              : "predicted to keep %s: %s, or let --keep %s find it"
                  .formatted(figure(USEFUL), smaller, figure(USEFUL)));
      if (made) {
        parts.add("inputs of yours help (--data)");
      }
    } else if (spread() > NEAR) {
      parts.add(
          "kinds of inputs disagree on this model (%s to %s): inputs of yours tell which is right (--data)"
              .formatted(figure(value), figure(value + spread())));
    }
    double margin = margin(worst);
    if (!made && margin > NEAR) {
      parts.add(
          "%d held-out inputs tell this to ±%s only: give more"
              .formatted(worst.inputs(), figure(margin)));
    }
    return String.join("; ", parts);
  }

  /** How far kinds of inputs are apart. */
  private double spread() {
    return kinds.stream().mapToDouble(Judgement::value).max().orElse(0) - worst().value();
  }

  /** Two standard errors of a share, one more mistake at least. */
  private static double margin(Judgement judgement) {
    double n = judgement.inputs();
    double p = judgement.value();
    if (judgement.top1().isEmpty()) {
      return n < FEW ? 1 / Math.sqrt(n) : 0;
    }
    return Math.max(2 * Math.sqrt(p * (1 - p) / n), 2 / n);
  }

  /** Rounded down, so that nothing looks better than it is. */
  private static String figure(double value) {
    return String.format(Locale.ROOT, "%.3f", Math.floor(value * 1000) / 1000)
        .replaceAll("0{1,2}$", "");
  }
}
