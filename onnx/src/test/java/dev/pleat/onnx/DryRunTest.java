package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.repair.GeneratedCalibration;
import dev.pleat.onnx.request.Effort;
import dev.pleat.onnx.request.InputSource;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Dry runs and inspections announce what a real run then does. */
class DryRunTest {
  private static final FoldOptions HALF = FoldOptions.of(new Target.Channels(0.5));

  /** Fewer inputs are chosen and optimised sooner, and change no decision. */
  private static final OptionalInt FEW = OptionalInt.of(40);

  @TempDir private Path folder;

  /** What a report says of the way that the fold went, and what it came to. */
  private record Decided(String method, String repair, List<Group> groups) {
    private record Group(String name, int before, int after, double objective, boolean frozen) {}

    static Decided of(FoldReport report) {
      return new Decided(
          report.method(),
          report.repair(),
          report.groups().stream()
              .map(g -> new Group(g.name(), g.before(), g.after(), g.objective(), g.frozen()))
              .toList());
    }
  }

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(Objects.requireNonNull(DryRunTest.class.getResource(name), name).toURI());
  }

  static List<Path> networks() throws URISyntaxException, IOException {
    try (Stream<Path> trained = Files.list(resource("/networks"));
        Stream<Path> exported = Files.list(resource("/exported"))) {
      return Stream.concat(trained, exported)
          .filter(file -> file.toString().endsWith(".onnx"))
          .sorted()
          .toList();
    }
  }

  private FoldReport fold(Path input, FoldOptions options, InputSource source, boolean dryRun) {
    FileFoldRequest request =
        new FileFoldRequest(
            input,
            folder.resolve("out.onnx"),
            options,
            true,
            dryRun,
            true,
            2,
            Map.of(),
            source,
            FEW);
    return OnnxFolding.fold(request, Progress.SILENT);
  }

  private FoldReport announcedIsDone(Path network, FoldOptions options, InputSource source) {
    FoldReport announced = fold(network, options, source, true);
    FoldReport done = fold(network, options, source, false);

    assertThat(announced.output()).isEmpty();
    assertThat(Decided.of(announced))
        .as("%s %s %s", network.getFileName(), options, source)
        .isEqualTo(Decided.of(done));
    return done;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void every_network_is_folded_as_the_dry_run_said(Path network) {
    FoldReport done = announcedIsDone(network, HALF, new InputSource.Made(Effort.LOW));
    InspectReport inspected = OnnxFolding.inspect(network, Optional.of(HALF), 2, Map.of());

    assertThat(inspected.repair()).isEqualTo(done.repair());
    assertThat(inspected.groups().stream().map(InspectReport.Group::planned))
        .isEqualTo(
            done.groups().stream().filter(group -> !group.frozen()).map(g -> g.after()).toList());
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"FOLD", "RANDOM", "L1", "IFM"})
  void every_method_is_announced_with_inputs_and_without(Method method) throws URISyntaxException {
    Path network = resource("/networks/vgg-bn.onnx");
    InputSource given =
        new InputSource.Given(
            GeneratedCalibration.of(ModelReader.read(network), Map.of(), 64, 1, 2));

    announcedIsDone(network, HALF.with(method), new InputSource.Made(Effort.LOW));
    announcedIsDone(network, HALF.with(method), given);
  }

  @Test
  void widths_that_go_by_damage_are_announced_too() throws URISyntaxException {
    Path network = resource("/networks/vgg-bn.onnx");

    FoldReport done =
        announcedIsDone(network, HALF.with(Allocation.GLOBAL), new InputSource.Made(Effort.LOW));

    assertThat(done.repair()).isEqualTo("least-squares");
  }
}
