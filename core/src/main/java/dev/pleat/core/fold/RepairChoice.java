package dev.pleat.core.fold;

import dev.pleat.core.group.ChannelGroup;
import java.util.List;

/**
 * Which repair is used, and why.
 *
 * @param repair never {@link Repair#AUTO}
 * @param reason one line
 */
record RepairChoice(Repair repair, String reason) {

  static RepairChoice of(FoldOptions options, List<ChannelGroup> groups) {
    boolean merges = options.method() == Method.FOLD || options.method() == Method.RANDOM;
    boolean normalized = groups.stream().anyMatch(group -> !group.normalizations().isEmpty());
    return switch (options.repair()) {
      case NONE -> new RepairChoice(Repair.NONE, "asked for");
      case APPROXIMATE -> new RepairChoice(Repair.APPROXIMATE, "asked for");
      case AUTO -> {
        if (!merges) {
          yield new RepairChoice(Repair.NONE, "pruned channels keep their own statistics");
        }
        yield normalized
            ? new RepairChoice(Repair.APPROXIMATE, "the model has live batch normalisations")
            : new RepairChoice(Repair.NONE, "the model has no live batch normalisation to repair");
      }
    };
  }
}
