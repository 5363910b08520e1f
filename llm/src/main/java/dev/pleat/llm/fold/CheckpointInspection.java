package dev.pleat.llm.fold;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Redundancy;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.fold.Strategy;
import dev.pleat.core.fold.Target;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.report.InspectReport;
import dev.pleat.llm.safetensors.Checkpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Describes the groups of one model directory, layer by layer. */
public final class CheckpointInspection {
  /** Curves are those of the weights: what neurons do on a text is known only once it is run. */
  private static final Strategy COMPARED =
      Strategy.onWeights(Method.FOLD, Repair.NONE, "nothing is folded", "");

  private CheckpointInspection() {}

  /** Inspects as {@link dev.pleat.llm.CheckpointFolding#inspect} says. */
  public static InspectReport run(
      Path input,
      Optional<FoldOptions> planned,
      Optional<Integer> round,
      Optional<Double> heads,
      Optional<Path> architecture,
      int threads) {
    FoldOptions options = planned.orElse(FoldOptions.of(new Target.Channels(0)));
    try (OpenModel model = OpenModel.open(input, architecture)) {
      Checkpoint checkpoint = model.checkpoint();
      List<WidthFamily> families = new ArrayList<>(model.groups().feedForwards());
      families.addAll(model.groups().attention());
      CheckpointFoldRequest request =
          CheckpointFoldRequest.builder(input, Path.of(""), options)
              .round(round)
              .heads(heads)
              .architecture(architecture)
              .dryRun(true)
              .verify(false)
              .threads(threads)
              .build();
      PlannedFold fold = PlannedFold.of(request, model, false, new Stopwatch(), Progress.SILENT);
      FoldPlan plan = fold.plan();
      // Without a target nothing would fold, and the strategy is that of a fold that does.
      CheckpointRepair repair =
          planned.isPresent()
              ? fold.repair()
              : CheckpointRepair.choose(request, model, true, false, Progress.SILENT);
      List<InspectReport.Group> groups = new ArrayList<>();
      for (WidthFamily family : families) {
        for (ChannelGroup group : family.groups()) {
          groups.add(group(group, plan.kept(group), checkpoint, threads));
        }
      }
      long parameters = plan.original();
      return new InspectReport(
          input.toString(),
          parameters,
          checkpoint.fileBytes(),
          Optional.empty(),
          groups,
          model.groups().frozen(),
          shares(model, parameters),
          "",
          groups.isEmpty() ? "" : repair.strategy().repair().spelling(),
          groups.isEmpty() ? "" : repair.strategy().explanation(),
          Optional.empty());
    }
  }

  /** What can fold as it is, with {@code --heads}, and what neither reaches. */
  private static List<InspectReport.Share> shares(OpenModel model, long parameters) {
    Set<String> counted = new HashSet<>();
    long feedForward = parameters(model.groups().feedForwards(), model.checkpoint(), counted);
    long attention = parameters(model.groups().attention(), model.checkpoint(), counted);
    String reason =
        model.groups().frozen().stream()
            .map(InspectReport.Frozen::reason)
            .findFirst()
            .orElse("no group holds its channels");
    return Stream.of(
            new InspectReport.Share("", feedForward, Optional.empty()),
            new InspectReport.Share(InspectReport.Share.HEADS, attention, Optional.empty()),
            new InspectReport.Share(reason, parameters - feedForward - attention, Optional.empty()))
        .filter(share -> share.parameters() > 0)
        .toList();
  }

  private static long parameters(
      List<WidthFamily> families, Checkpoint checkpoint, Set<String> counted) {
    return families.stream()
        .flatMap(family -> family.groups().stream())
        .flatMap(group -> group.slots().stream())
        .filter(slot -> counted.add(slot.tensor()))
        .mapToLong(slot -> checkpoint.info(slot.tensor()).elements())
        .sum();
  }

  private static InspectReport.Group group(
      ChannelGroup group, int kept, Checkpoint checkpoint, int threads) {
    long parameters =
        group.slots().stream()
            .map(slot -> checkpoint.info(slot.tensor()))
            .distinct()
            .mapToLong(info -> info.elements())
            .sum();
    Redundancy redundancy =
        Redundancy.of(new LayerTensors(checkpoint), List.of(group), COMPARED, 0, threads);
    return new InspectReport.Group(
        group.name(),
        group.width(),
        parameters,
        CheckpointGroups.members(group),
        kept,
        redundancy.curve(0),
        Optional.empty(),
        redundancy.knee(0),
        List.of());
  }
}
