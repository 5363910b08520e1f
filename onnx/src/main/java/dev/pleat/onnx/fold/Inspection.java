package dev.pleat.onnx.fold;

import dev.pleat.core.budget.Damage;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Redundancy;
import dev.pleat.core.fold.Target;
import dev.pleat.core.fold.Widths;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.report.InspectReport;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.trace.Trace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Describes the groups of one file. */
public final class Inspection {
  private Inspection() {}

  /** Inspects as {@link dev.pleat.onnx.OnnxFolding#inspect} says. */
  public static InspectReport run(
      Path input, Optional<FoldOptions> planned, int threads, Map<String, long[]> inputShapes) {
    OnnxModel model = ModelReader.read(input);
    TracedModel traced = new TracedModel(model, Trace.of(model, inputShapes));
    traced.checkFinite();
    SizeModel sizes = traced.sizes();
    List<ChannelGroup> groups = traced.groups();
    int[] full = groups.stream().mapToInt(ChannelGroup::width).toArray();
    int[] widths = full;
    if (planned.isPresent()) {
      widths =
          new Widths(groups, planned.get())
              .choose(sizes, FoldPipeline.overhead(traced, sizes), Damage.UNKNOWN);
    }
    FoldOptions options = planned.orElse(FoldOptions.of(new Target.Channels(0)));
    Redundancy redundancy = Redundancy.of(traced.tensors(), groups, options, 0, threads);
    redundancy.prepare(Progress.SILENT);
    List<InspectReport.Group> described = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      ChannelGroup group = groups.get(g);
      described.add(
          new InspectReport.Group(
              group.name(),
              group.width(),
              sizes.totals(g, full).parameters(),
              traced.members(group),
              widths[g],
              redundancy.curve(g)));
    }
    SizeModel.Totals totals = sizes.original();
    return new InspectReport(
        input.toString(),
        totals.parameters(),
        model.bytes(),
        traced.trace().work().map(work -> totals.flops()),
        described,
        traced.trace().frozen().stream()
            .map(f -> new InspectReport.Frozen(f.name(), f.width(), f.reason()))
            .toList());
  }
}
