package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dry runs and inspections of directories announce what a real run then does. */
class DirectoryDryRunTest {
  private static final FoldOptions QUARTER = FoldOptions.of(new Target.Channels(0.25));

  @TempDir private Path folder;

  /** A fold: whether a text is given, and whether heads go too. */
  private record Case(FoldOptions options, boolean given, boolean heads) {}

  static List<Case> cases() {
    return List.of(
        new Case(QUARTER, false, false),
        new Case(QUARTER, true, false),
        new Case(QUARTER, true, true),
        new Case(QUARTER.with(Repair.NONE), false, true),
        new Case(QUARTER.with(Method.L2), false, false),
        new Case(QUARTER.with(Method.L2), true, false),
        new Case(QUARTER.with(Method.WANDA), true, false),
        new Case(QUARTER.with(Allocation.GLOBAL), true, false),
        new Case(FoldOptions.of(new Target.Channels(0)), true, false));
  }

  private CheckpointFoldRequest request(Case fold, boolean dryRun) {
    FoldOptions options = fold.heads ? fold.options.withHeads(0.5) : fold.options;
    return CheckpointFoldRequest.builder(Stories.directory(), folder.resolve("out"), options)
        .round(1)
        .heads(fold.heads ? Optional.of(0.5) : Optional.empty())
        .data(fold.given ? Optional.of(Stories.text()) : Optional.empty())
        .dryRun(dryRun)
        .threads(2)
        .build();
  }

  private static Map<String, Integer> widths(FoldReport report) {
    Map<String, Integer> widths = new TreeMap<>();
    report.groups().forEach(group -> widths.put(group.name(), group.after()));
    return widths;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void what_is_announced_is_done(Case fold) {
    CheckpointFoldRequest planned = request(fold, true);
    FoldReport announced = CheckpointFolding.fold(planned, Progress.SILENT);
    FoldReport done = CheckpointFolding.fold(request(fold, false), Progress.SILENT);
    InspectReport inspected =
        CheckpointFolding.inspect(
            planned.input(),
            Optional.of(planned.options()),
            planned.round(),
            planned.heads(),
            Optional.empty(),
            2);

    assertThat(announced.method()).isEqualTo(done.method());
    assertThat(announced.repair()).isEqualTo(done.repair());
    assertThat(widths(announced)).isEqualTo(widths(done));
    assertThat(announced.parameters()).isEqualTo(done.parameters());
    for (int i = 0; i < done.groups().size(); i++) {
      GroupReport group = announced.groups().get(i);
      // What only a run of the model tells is left open, never taken from something else.
      if (!Double.isNaN(group.objective())) {
        assertThat(group).isEqualTo(done.groups().get(i));
      }
    }
    if (!fold.given) {
      assertThat(inspected.repair()).isEqualTo(done.repair());
      assertThat(inspected.groups())
          .allSatisfy(group ->
              assertThat(group.planned())
                  .isEqualTo(widths(done).getOrDefault(group.name(), group.width())));
    }
  }
}
