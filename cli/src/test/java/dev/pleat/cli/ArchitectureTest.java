package dev.pleat.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The direction of dependencies: files and formats know the algorithm, never the other way. */
@AnalyzeClasses(packages = "dev.pleat", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule core_knows_no_other_module =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.core..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.pleat.onnx..",
              "dev.pleat.llm..",
              "dev.pleat.report..",
              "dev.pleat.cli..",
              "dev.pleat.bench..");

  @ArchTest
  static final ArchRule what_lies_behind_the_door_does_not_know_it =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.pleat.core..", "dev.pleat.onnx..", "dev.pleat.llm..", "dev.pleat.report..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.pleat", "dev.pleat.sweep..", "dev.pleat.json..");

  @ArchTest
  static final ArchRule commands_go_through_the_door =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.cli..")
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "dev\\.pleat\\.(onnx|llm)\\..*(Folding|Merging|Evaluation|Export|InversionFiles|Request)"
                  + "(?<!ClusterFolding|EvalRequest|TextRequest|TaskRequest|InvertRequest)");

  @ArchTest
  static final ArchRule onnx_knows_neither_language_models_nor_the_command_line =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.onnx..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.pleat.llm..", "dev.pleat.report..", "dev.pleat.cli..", "dev.pleat.bench..");

  @ArchTest
  static final ArchRule language_models_know_no_command_line =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.llm..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.pleat.report..", "dev.pleat.cli..", "dev.pleat.bench..");

  @ArchTest
  static final ArchRule pages_know_reports_and_nothing_else =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.report..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.pleat..")
                  .and(resideOutsideOfPackage("dev.pleat.report.."))
                  .and(resideOutsideOfPackage("dev.pleat.core.report.."))
                  .as("are no reports"));

  @ArchTest
  static final ArchRule markup_does_not_know_what_it_shows =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.report.markup..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.pleat.core..", "dev.pleat.report.part..");

  @ArchTest
  static final ArchRule a_checkpoint_does_not_know_what_its_tensors_mean =
      noClasses()
          .that()
          .resideInAnyPackage("dev.pleat.llm.safetensors..", "dev.pleat.llm.json..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.pleat.llm.architecture..", "dev.pleat.llm.fold..");

  @ArchTest
  static final ArchRule a_blueprint_knows_no_runtime =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.llm.blueprint..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.pleat.llm.graph..", "dev.pleat.llm.run..", "dev.pleat.onnx..");

  @ArchTest
  static final ArchRule running_needs_no_text_and_no_folding =
      noClasses()
          .that()
          .resideInAnyPackage("dev.pleat.llm.graph..", "dev.pleat.llm.run..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.pleat.llm.text..",
              "dev.pleat.llm.eval..",
              "dev.pleat.llm.repair..",
              "dev.pleat.llm.fold..");

  @ArchTest
  static final ArchRule repairing_language_models_is_below_folding_them =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.llm.repair..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.pleat.llm.eval..", "dev.pleat.llm.fold..");

  @ArchTest
  static final ArchRule core_touches_no_files_but_to_load_its_natives =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.core..")
          .and()
          .resideOutsideOfPackage("dev.pleat.core.linalg..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net..")
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching(
              "java\\.io\\.(File.*|RandomAccessFile|.*InputStream|.*OutputStream|.*Reader|.*Writer)");

  @ArchTest
  static final ArchRule parts_of_core_do_not_know_folding =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.core..")
          .and()
          .resideOutsideOfPackage("dev.pleat.core.fold..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.pleat.core.fold..");

  @ArchTest
  static final ArchRule budgets_are_counted_in_numbers_alone =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.core.budget..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.pleat.core.cluster..", "dev.pleat.core.tensor..", "dev.pleat.core.report..");

  @ArchTest
  static final ArchRule reports_know_nothing =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.core.report..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.pleat..")
                  .and(resideOutsideOfPackage("dev.pleat.core.report.."))
                  .as("are not reports"));

  @ArchTest
  static final ArchRule the_onnx_model_is_below_tracing_and_folding =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.onnx.model..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.pleat.onnx.trace..", "dev.pleat.onnx.fold..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule tracing_is_below_folding =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.onnx.trace..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.pleat.onnx.fold..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule running_and_evaluating_need_no_tracing =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.pleat.onnx.run..", "dev.pleat.onnx.data..", "dev.pleat.onnx.eval..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.pleat.onnx.trace..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule gradients_know_no_channels_and_no_images =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.onnx.gradient..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.pleat.onnx.trace..",
              "dev.pleat.onnx.fold..",
              "dev.pleat.onnx.data..",
              "dev.pleat.onnx.eval..");

  @ArchTest
  static final ArchRule inversion_is_below_repairing_and_folding =
      noClasses()
          .that()
          .resideInAPackage("dev.pleat.onnx.invert..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.pleat.onnx.repair..", "dev.pleat.onnx.fold..", "dev.pleat.onnx.eval..");

  /** The top package of a module is its door; what lies behind may know what the door is asked. */
  @ArchTest
  static final ArchRule packages_have_no_cycles =
      slices().matching("dev.pleat.(**)").should().beFreeOfCycles();

  @Test
  void no_class_name_is_there_twice() throws IOException {
    Map<String, List<Path>> named =
        sources()
            .filter(file -> !file.endsWith("package-info.java"))
            .filter(file -> !file.endsWith("module-info.java"))
            .collect(Collectors.groupingBy(file -> file.getFileName().toString()));
    assertThat(named).hasSizeGreaterThan(500);
    assertThat(named.values()).allSatisfy(files -> assertThat(files).hasSize(1));
  }

  @Test
  void everyone_sees_the_door_and_what_it_takes_and_gives() throws IOException {
    Pattern exported = Pattern.compile("exports ([\\w.]+);");
    Set<String> packages = new TreeSet<>();
    for (Path file : sources().filter(file -> file.endsWith("module-info.java")).toList()) {
      exported.matcher(Files.readString(file)).results().forEach(e -> packages.add(e.group(1)));
    }
    assertThat(packages)
        .containsExactly(
            "dev.pleat",
            "dev.pleat.core",
            "dev.pleat.core.budget",
            "dev.pleat.core.fold",
            "dev.pleat.core.report",
            "dev.pleat.json",
            "dev.pleat.llm",
            "dev.pleat.llm.request",
            "dev.pleat.onnx.data",
            "dev.pleat.onnx.request",
            "dev.pleat.report");
  }

  @Test
  void every_package_says_what_lives_there_and_allows_no_nulls() throws IOException {
    assertThat(packages()).hasSizeGreaterThan(5);
    for (Path folder : packages()) {
      assertThat(folder.resolve("package-info.java"))
          .content()
          .containsPattern("(?s)^/\\*\\*.*@NullMarked\\s+package ");
    }
  }

  private static List<Path> packages() throws IOException {
    return sources()
        .filter(file -> !file.endsWith("module-info.java"))
        .map(Path::getParent)
        .distinct()
        .sorted()
        .toList();
  }

  /** The main sources of all modules, also of those that are only built when asked for. */
  private static Stream<Path> sources() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of(".."))) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> file.toString().contains("src/main/java"))
          .forEach(found::add);
    }
    return found.stream();
  }
}
