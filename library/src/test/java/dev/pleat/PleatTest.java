package dev.pleat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.core.report.SweepReport;
import dev.pleat.llm.request.TextRequest;
import dev.pleat.onnx.request.EvalRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library as a program uses it. */
class PleatTest {
  private static final Path FILE = Path.of("../onnx/src/test/resources/networks/lenet5.onnx");
  private static final Path DIRECTORY = Path.of("../llm/src/test/resources/stories260k");

  @TempDir private Path folder;

  @Test
  void a_file_folds_to_the_smallest_that_keeps_its_quality_when_nothing_else_is_said() {
    FoldReport report = Pleat.fold(FILE, folder.resolve("small.onnx"));

    assertThat(report.parameters().after()).isLessThan(report.parameters().before());
    assertThat(report.quality().orElseThrow().value().orElseThrow()).isGreaterThanOrEqualTo(0.98);
    assertThat(Path.of(report.output())).isRegularFile();
  }

  @Test
  void a_file_folds_as_it_is_told_and_is_timed_only_when_somebody_asks() {
    FileFold half =
        FileFold.of(FILE, folder.resolve("half.onnx")).channels(0.5).repair(Repair.APPROXIMATE);

    FoldReport report = Pleat.fold(half);

    assertThat(report.repair()).isEqualTo("approximate");
    assertThat(report.channels().after()).isLessThan(report.channels().before());
    assertThat(report.timings()).isEmpty();
    assertThat(Pleat.fold(half.force(true).timed(true)).timings()).isNotEmpty();
  }

  @Test
  void a_directory_folds_and_both_kinds_are_inspected_alike() {
    DirectoryFold fold =
        DirectoryFold.of(DIRECTORY, folder.resolve("small"))
            .channels(0.25)
            .round(1)
            .repair(Repair.NONE);

    InspectReport planned = Pleat.inspect(fold);
    FoldReport report = Pleat.fold(fold);

    assertThat(report.channels().after()).isLessThan(report.channels().before());
    assertThat(planned.groups()).anyMatch(group -> group.planned() < group.width());
    assertThat(Pleat.inspect(folder.resolve("small")).parameters())
        .isEqualTo(report.parameters().after());
    assertThat(Pleat.inspect(FILE).groups()).allMatch(group -> group.planned() == group.width());
  }

  @Test
  void a_request_never_changes() {
    FileFold fold = FileFold.of(FILE, folder.resolve("out.onnx")).channels(0.5);

    fold.channels(0.7).method(Method.L1).threads(1);

    assertThat(fold.options().target()).isEqualTo(new Target.Channels(0.5));
    assertThat(fold.options().method()).isEqualTo(Method.FOLD);
  }

  @Test
  void an_error_names_methods_and_nothing_that_only_a_command_line_has() {
    assertThatThrownBy(() -> Pleat.fold(DIRECTORY, folder.resolve("out")))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("channels(R)", "width(GROUP, K)", "layers(N)")
        .hasMessageNotContaining("--");
    assertThatThrownBy(() -> Pleat.fold(FileFold.of(FILE).channels(0.5)))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("output(OUT)", "dryRun(true)")
        .hasMessageNotContaining("--");
    assertThatThrownBy(() ->
            Pleat.fold(
                FileFold.of(FILE, folder.resolve("out.onnx")).channels(0.5).repair(Repair.DATA)))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("repair(data)", "data(PATH)")
        .hasMessageNotContaining("--");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void an_output_that_exists_is_replaced_only_when_somebody_says_so() throws Exception {
    Path there = Files.writeString(folder.resolve("out.onnx"), "mine");
    FileFold fold = FileFold.of(FILE, there).channels(0.5).repair(Repair.NONE);

    assertThatThrownBy(() -> Pleat.fold(fold)).hasMessageContaining("give force(true)");
    assertThat(there).hasContent("mine");
    Pleat.fold(fold.force(true));
    assertThat(Files.size(there)).isGreaterThan(4);
  }

  @Test
  void a_sweep_of_a_file_is_kept_and_says_why_a_fold_is_not_possible() {
    SweepReport report =
        Pleat.sweep(
            SweepRequest.of(FileFold.of(FILE), EvalRequest.of(FILE))
                .methods(List.of(Method.FOLD, Method.IFM))
                .repairs(List.of(Repair.APPROXIMATE))
                .targets(List.of(new Target.Channels(0.5)))
                .output(folder.resolve("results")),
            Progress.SILENT);

    assertThat(report.points()).hasSize(1);
    assertThat(report.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.reason()).contains("method(ifm)"));
    assertThat(folder.resolve("results/sweep.csv")).isRegularFile();
    assertThat(folder.resolve("results/sweep.json")).isRegularFile();
  }

  @Test
  void a_sweep_of_a_directory_goes_by_perplexity() {
    SweepReport report =
        Pleat.sweep(
            SweepRequest.of(
                    DirectoryFold.of(DIRECTORY).round(1),
                    new TextRequest(
                        DIRECTORY,
                        DIRECTORY.resolve("tinystories-sample.txt"),
                        Optional.of(64),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        2))
                .methods(List.of(Method.FOLD))
                .repairs(List.of(Repair.NONE))
                .targets(List.of(new Target.Channels(0.1))),
            Progress.SILENT);

    assertThat(report.points().getFirst().result().perplexity().orElseThrow())
        .isGreaterThan(report.original().perplexity().orElseThrow());
  }
}
