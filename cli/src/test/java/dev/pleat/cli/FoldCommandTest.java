package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.FileFold;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Rounding;
import dev.pleat.core.fold.Target;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class FoldCommandTest {

  private static FileFold request(String arguments) {
    FoldCommand command = new FoldCommand();
    new CommandLine(command).parseArgs(arguments.split(" "));
    return command.file();
  }

  @Test
  void every_option_reaches_the_request() {
    FileFold request =
        request(
            "in.onnx -o out.onnx --params 0.7 --width a=3 --width b=4 --include c* --include d"
                + " --exclude e --round 8 --method random --repair none --seed 42 --threads 3"
                + " --force --no-verify --input-shape x=1x3x8x8 --input-shape y:0=2");

    assertThat(request.input()).isEqualTo(Path.of("in.onnx"));
    assertThat(request.output()).contains(Path.of("out.onnx"));
    assertThat(request.options().target()).isEqualTo(new Target.Parameters(0.7));
    assertThat(request.options().widths()).isEqualTo(Map.of("a", 3, "b", 4));
    assertThat(request.options().include()).isEqualTo(List.of("c*", "d"));
    assertThat(request.options().exclude()).isEqualTo(List.of("e"));
    assertThat(request.options().round()).isEqualTo(8);
    assertThat(request.options().method()).isEqualTo(Method.RANDOM);
    assertThat(request.options().repair()).isEqualTo(Repair.NONE);
    assertThat(request.options().seed()).isEqualTo(42);
    assertThat(request.threads()).isEqualTo(3);
    assertThat(request.force()).isTrue();
    assertThat(request.verify()).isFalse();
    assertThat(request.dryRun()).isFalse();
    assertThat(request.inputShapes().get("x")).containsExactly(1, 3, 8, 8);
    assertThat(request.inputShapes().get("y:0")).containsExactly(2);
  }

  @Test
  void without_options_it_folds_with_the_best_repair_and_verifies() {
    FileFold request = request("in.onnx -o out.onnx --channels 0.5");

    assertThat(request.options().method()).isEqualTo(Method.FOLD);
    assertThat(request.options().repair()).isEqualTo(Repair.AUTO);
    assertThat(request.options().round()).isEqualTo(1);
    assertThat(request.options().seed()).isZero();
    assertThat(request.verify()).isTrue();
    assertThat(request.force()).isFalse();
    assertThat(request.threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
  }

  @ParameterizedTest
  @CsvSource({
    "--flops 0.25, 'Flops[ratio=0.25]'",
    "--size 2KB, 'Size[bytes=2000]'",
    "--size 40%, 'SizeShare[share=0.4]'",
    "--latency-budget 0.5, 'Latency[share=0.5]'",
  })
  void every_budget_is_a_target(String arguments, String target) {
    assertThat(request("in.onnx -o out.onnx " + arguments).options().target()).hasToString(target);
  }

  @Test
  void a_budget_is_shared_out_as_told_and_widths_are_rounded_to_what_runs_fastest() {
    FileFold request = request("in.onnx -o out.onnx --params 0.5 --allocate global --round auto");

    assertThat(request.options().allocation()).isEqualTo(Allocation.GLOBAL);
    assertThat(request.options().rounding()).isEqualTo(new Rounding.Auto());
  }

  @Test
  void widths_alone_leave_all_other_groups_as_they_are() {
    assertThat(request("in.onnx -o out.onnx --width a=3").options().target())
        .isEqualTo(new Target.Channels(0));
  }

  @Test
  void a_dry_run_needs_no_output() {
    assertThat(request("in.onnx --dry-run --channels 0.5").dryRun()).isTrue();
  }

  @Test
  void a_shape_without_a_name_belongs_to_the_only_input() {
    assertThat(request("in.onnx --dry-run --channels 0 --input-shape 1x3x8x8").inputShapes())
        .containsOnlyKeys("*");
  }

  @ParameterizedTest
  @CsvSource({
    "4096, 4096",
    "1B, 1",
    "20MB, 20000000",
    "20mb, 20000000",
    "1.5GiB, 1610612736",
    "3KiB, 3072",
    "2KB, 2000",
    "1GB, 1000000000",
    "0.5MiB, 524288"
  })
  void sizes_have_decimal_and_binary_units(String size, long bytes) {
    assertThat(request("in.onnx -o out.onnx --size " + size).options().target())
        .isEqualTo(new Target.Size(bytes));
  }
}
