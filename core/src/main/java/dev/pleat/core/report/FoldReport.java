package dev.pleat.core.report;

import java.util.List;
import java.util.Optional;

/**
 * The result of a fold. The component names are the fields of {@code fold --json}.
 *
 * @param input the model that was read
 * @param output the model that was written, empty for a dry run
 * @param method the method in lower case
 * @param repair the repair that was used, in lower case
 * @param repairReason why this repair was chosen
 * @param repairInputs what the repair ran the network on, empty where it did not
 * @param agreement with the original on inputs that nothing was fitted to, empty where there were
 *     none
 * @param quality what the same inputs say of the folded model, empty where none was written or
 *     nothing was run
 * @param seed the seed
 * @param parameters floating-point weights
 * @param bytes file sizes, external data included
 * @param flops floating-point operations of one forward pass of one sample (a multiply-add counts
 *     2), empty where a shape is not known
 * @param channels channels of all groups, frozen ones included
 * @param groups every group, in the order of the network
 * @param verification the checks of the output
 * @param seconds where the time went
 * @param allocation how the target was shared out among the groups, in lower case
 * @param round widths are multiples of this where they could be
 * @param roundReason why, empty where it was given
 * @param budget what the target allowed and what became of it; empty for a share of each group's
 *     channels
 * @param timings of both models in turns, by batch; empty where they were not run
 * @param footprint what both models need of a microcontroller, empty where that was not counted
 */
public record FoldReport(
    String input,
    String output,
    String method,
    String repair,
    String repairReason,
    String repairInputs,
    Optional<Agreement> agreement,
    Optional<Quality> quality,
    long seed,
    Change parameters,
    Change bytes,
    Optional<Change> flops,
    Change channels,
    List<GroupReport> groups,
    Verification verification,
    Seconds seconds,
    String allocation,
    int round,
    String roundReason,
    Optional<Budget> budget,
    List<Timing> timings,
    Optional<FootprintChange> footprint) {

  /** Copies the lists. */
  public FoldReport {
    groups = List.copyOf(groups);
    timings = List.copyOf(timings);
  }

  /** The same with times of both models. */
  public FoldReport withTimings(List<Timing> measured) {
    return new FoldReport(
        input,
        output,
        method,
        repair,
        repairReason,
        repairInputs,
        agreement,
        quality,
        seed,
        parameters,
        bytes,
        flops,
        channels,
        groups,
        verification,
        seconds,
        allocation,
        round,
        roundReason,
        budget,
        measured,
        footprint);
  }

  /** The same of an input under another name. */
  public FoldReport ofInput(String name) {
    return new FoldReport(
        name,
        output,
        method,
        repair,
        repairReason,
        repairInputs,
        agreement,
        quality,
        seed,
        parameters,
        bytes,
        flops,
        channels,
        groups,
        verification,
        seconds,
        allocation,
        round,
        roundReason,
        budget,
        timings,
        footprint);
  }

  /** The groups that became narrower. */
  public List<GroupReport> folded() {
    return groups.stream().filter(group -> group.after() < group.before()).toList();
  }
}
