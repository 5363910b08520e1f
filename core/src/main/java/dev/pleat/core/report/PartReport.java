package dev.pleat.core.report;

import java.util.List;
import java.util.Optional;

/**
 * What one part of a fold came to.
 *
 * @param part such as 3/8
 * @param made files of weights that this part is to make, all of them whole now
 * @param missing files of weights that other parts have yet to make
 * @param whole the fold, when this part was the last and has put the output in place
 */
public record PartReport(
    String part, List<String> made, List<String> missing, Optional<FoldReport> whole) {
  /** Copies the lists. */
  public PartReport {
    made = List.copyOf(made);
    missing = List.copyOf(missing);
  }
}
