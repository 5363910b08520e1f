package dev.pleat.cli;

import dev.pleat.cli.demo.Demo;
import dev.pleat.cli.demo.DemoReport;
import dev.pleat.cli.terminal.ProgressDisplay;
import dev.pleat.cli.terminal.Table;
import dev.pleat.core.PleatException;
import dev.pleat.json.Json;
import dev.pleat.onnx.output.TemporaryFolder;
import dev.pleat.report.figures.Figures;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pleat demo}: shows on a bundled network what folding keeps and what pruning loses. */
@Command(
    name = "demo",
    description = {
      "Fold a bundled ResNet18 and classify bundled images with the results.",
      "It folds 25, 50 and 70 %% of the channels, with and without repair and beside pruning."
    },
    sortOptions = false,
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  pleat demo",
      "  pleat demo --keep folded/",
      "      and keep the networks, to look at them",
      "  pleat demo --json | jq '.rows[] | [.name, .accuracy]'"
    })
final class DemoCommand implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--keep",
      paramLabel = "FOLDER",
      description = "Keep the original and all folded networks in this new folder.")
  private Optional<Path> keep = Optional.empty();

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    if (keep.isPresent()) {
      show(run(newFolder(keep.get())));
    } else {
      try (TemporaryFolder folder = TemporaryFolder.create()) {
        show(run(folder.path()));
      }
    }
    return 0;
  }

  private DemoReport run(Path folder) {
    try (ProgressDisplay progress = common.progress(spec.commandLine().getErr())) {
      return new Demo(folder, common.threads(), common.seed()).run(progress);
    }
  }

  private void show(DemoReport report) {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      lines(report).forEach(out::println);
      keep.ifPresent(folder -> out.println("The networks are in " + folder));
    }
  }

  private static List<String> lines(DemoReport report) {
    Table table = new Table("", "accuracy", "parameters", "file size", "one image");
    for (DemoReport.Row row : report.rows()) {
      table.row(
          row.name(),
          Figures.percent(row.accuracy()),
          Figures.count(row.parameters()),
          Figures.bytes(row.bytes()),
          Figures.milliseconds(row.latencyMs()));
    }
    List<String> lines = new ArrayList<>(table.lines());
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "ResNet18 on %s test images of Fashion-MNIST, folded without data in %.1f s in all.",
            Figures.count(report.images()),
            report.seconds()));
    return lines;
  }

  private static Path newFolder(Path folder) {
    try {
      Files.createDirectories(folder);
      try (Stream<Path> present = Files.list(folder)) {
        if (present.findAny().isPresent()) {
          throw new PleatException(
              "--keep %s: the folder is not empty; name a new one".formatted(folder));
        }
      }
      return folder;
    } catch (IOException e) {
      throw new PleatException("--keep %s: cannot be written: %s".formatted(folder, e), e);
    }
  }
}
