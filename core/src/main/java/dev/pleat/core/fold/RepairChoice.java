package dev.pleat.core.fold;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.tensor.TensorStore;
import java.util.List;

/**
 * Which repair is used, and why.
 *
 * @param repair never {@link Repair#AUTO}
 * @param reason one line
 */
record RepairChoice(Repair repair, String reason) {

  static RepairChoice of(FoldOptions options, List<ChannelGroup> groups, TensorStore store) {
    boolean merges = options.method().merges();
    boolean normalized = groups.stream().anyMatch(group -> !group.normalizations().isEmpty());
    return switch (options.repair()) {
      case NONE, APPROXIMATE, INVERSION, DATA, LEAST_SQUARES, SELF ->
          new RepairChoice(options.repair(), "asked for");
      case AUTO -> {
        if (!merges) {
          yield new RepairChoice(Repair.NONE, "pruned channels keep their own statistics");
        }
        if (normalized) {
          yield new RepairChoice(Repair.APPROXIMATE, "the model has live batch normalisations");
        }
        boolean convolutions =
            groups.stream()
                .anyMatch(group -> ApproximateRepair.isUnnormalizedConvolution(group, store));
        yield convolutions
            ? new RepairChoice(
                Repair.APPROXIMATE, "the amplitude of merged convolutions can be restored")
            : new RepairChoice(
                Repair.NONE,
                "the model has neither batch normalisations nor convolutions to repair");
      }
    };
  }
}
