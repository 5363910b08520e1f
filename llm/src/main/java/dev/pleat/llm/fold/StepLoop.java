package dev.pleat.llm.fold;

import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.report.GroupReport;
import dev.pleat.llm.safetensors.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes the steps that an earlier run has not finished, and what a repair has to walk through.
 *
 * @param writer takes what the steps make
 * @param ledger knows which are finished
 */
record StepLoop(
    Checkpoint checkpoint,
    StepFolder folder,
    StepWriter writer,
    Ledger ledger,
    Stopwatch watch,
    Progress progress) {

  /** Makes steps in turn. */
  List<GroupReport> run(List<FoldStep> steps) {
    List<GroupReport> groups = new ArrayList<>();
    progress.begin("fold", steps.size());
    for (FoldStep step : steps) {
      Optional<Ledger.Entry> done =
          ledger.of(step).filter(entry -> entry.sha256().equals(writer.hash(step)));
      if (done.isEmpty() || folder.walksThrough(step)) {
        StepFolder.Result result = folder.fold(step);
        watch.time("write", () -> writer.write(step, result.tensors(), checkpoint));
        done = Optional.of(new Ledger.Entry(step.name(), writer.hash(step), result.groups()));
        ledger.add(done.get());
      }
      groups.addAll(done.get().groups());
      progress.step();
    }
    return groups;
  }
}
