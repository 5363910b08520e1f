package dev.pleat.cli;

import dev.pleat.FoldRequest;
import dev.pleat.core.fold.Rounding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that say which groups fold, and to what multiples. */
final class GroupChoice {

  @Option(
      names = "--include",
      paramLabel = "GLOB",
      order = 14,
      description = "Fold only groups whose name matches. Repeatable.")
  private List<String> include = new ArrayList<>();

  @Option(
      names = "--exclude",
      paramLabel = "GLOB",
      order = 15,
      description = "Leave groups alone whose name matches. Repeatable.")
  private List<String> exclude = new ArrayList<>();

  @Option(
      names = "--round",
      paramLabel = "N",
      order = 16,
      converter = Converters.RoundTo.class,
      description =
          "Round widths up to a multiple of N, or auto: to that at which an .onnx file is "
              + "measured to run fastest. Default: 1; for directories what loaders like.")
  private Optional<Rounding> round = Optional.empty();

  /** The fold of these groups to these multiples. */
  <R extends FoldRequest<R>> R applyTo(R fold) {
    R told = fold.include(include).exclude(exclude);
    return round.isPresent() ? told.round(round.get()) : told;
  }

  /** The multiple that widths are rounded up to, if one was given. */
  Optional<Integer> multiple() {
    return round.flatMap(rounding ->
        rounding instanceof Rounding.Multiple(int multiple)
            ? Optional.of(multiple)
            : Optional.empty());
  }
}
