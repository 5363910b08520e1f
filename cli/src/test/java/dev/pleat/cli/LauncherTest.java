package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher script, in a folder that looks built, with JDKs that only say how they were called.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a shell script")
class LauncherTest {
  @TempDir private Path scratch;
  private Path home = Path.of("");
  private Path launcher = Path.of("");

  @BeforeEach
  void a_built_project_in_a_folder_with_a_blank() throws IOException {
    home = Files.createDirectories(scratch.resolve("my project"));
    launcher = Files.copy(Path.of("../pleat"), home.resolve("pleat"));
    Files.writeString(home.resolve("pom.xml"), "");
    Files.createDirectories(home.resolve("cli/src/main"));
    Files.writeString(home.resolve("cli/pom.xml"), "");
    Files.createDirectories(home.resolve("cli/target/lib"));
    Files.writeString(home.resolve("cli/target/pleat.jar"), "");
    Files.writeString(home.resolve("cli/target/built"), "");
  }

  private Path jdk(String name, String version) throws IOException {
    Path jdk = scratch.resolve(name);
    Files.createDirectories(jdk.resolve("bin"));
    Files.writeString(
        jdk.resolve("release"),
        "IMPLEMENTOR=\"Test\"\nJAVA_RUNTIME_VERSION=\"%s\"\nJAVA_VERSION=\"%s\"\nLIBC=\"gnu\"\n"
            .formatted(version, version));
    String script =
        "#!/bin/sh\necho java of %s\nfor each; do echo \"<$each>\"; done\n".formatted(name);
    for (String tool : List.of("java", "javac")) {
      Path file = Files.writeString(jdk.resolve("bin").resolve(tool), script);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return jdk;
  }

  private Run run(Path file, Map<String, String> variables, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        Stream.concat(Stream.of("sh", file.toString()), Stream.of(arguments)).toList();
    Path out = scratch.resolve("out");
    Path err = scratch.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(scratch.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder
        .environment()
        .keySet()
        .removeAll(List.of("JAVA_HOME", "PLEAT_JAVA_HOME", "PLEAT_OPTS", "ORT_DISABLE_TELEMETRY"));
    builder.environment().putAll(variables);
    int exitCode = builder.start().waitFor();
    return new Run(exitCode, Files.readString(out), Files.readString(err));
  }

  @Test
  void the_jdk_named_for_pleat_comes_before_java_home() throws Exception {
    Run run =
        run(
            launcher,
            Map.of(
                "PLEAT_JAVA_HOME", jdk("first", "25.0.1").toString(),
                "JAVA_HOME", jdk("second", "26").toString()));

    assertThat(run.out()).startsWith("java of first\n");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void a_jdk_that_is_too_old_is_passed_over_and_said_when_it_was_asked_for() throws Exception {
    Run run =
        run(
            launcher,
            Map.of(
                "PLEAT_JAVA_HOME", jdk("old", "17.0.9").toString(),
                "JAVA_HOME", jdk("early access", "26-ea").toString()));

    assertThat(run.out()).startsWith("java of early access\n");
    assertThat(run.err()).contains("pleat: PLEAT_JAVA_HOME=", "is no JDK 25").hasLineCount(1);
  }

  @Test
  void the_java_command_of_the_path_leads_to_its_jdk() throws Exception {
    Path bin = Files.createDirectories(scratch.resolve("bin"));
    Files.createSymbolicLink(bin.resolve("java"), jdk("linked", "25").resolve("bin/java"));

    assertThat(run(launcher, Map.of("PATH", bin + ":" + System.getenv("PATH"))).out())
        .startsWith("java of linked\n");
  }

  @Test
  void arguments_and_options_arrive_as_they_are_from_anywhere() throws Exception {
    Path link = Files.createSymbolicLink(scratch.resolve("link"), Path.of("my project/pleat"));
    Run run =
        run(
            link,
            Map.of(
                "PLEAT_JAVA_HOME",
                jdk("jdk", "25").toString(),
                "PLEAT_OPTS",
                "-Xmx1g -Dpleat.blas=java"),
            "fold",
            "a b.onnx",
            "*");

    assertThat(run.out())
        .contains(
            "<-Xmx1g>\n<-Dpleat.blas=java>\n",
            "<-jar>\n<%s>\n<fold>\n<a b.onnx>\n<*>\n"
                .formatted(home.toRealPath().resolve("cli/target/pleat.jar")))
        .doesNotContain("incubator");
  }

  @Test
  void a_distribution_runs_on_the_runtime_that_it_brings_and_builds_nothing() throws Exception {
    Path unpacked = Files.createDirectories(scratch.resolve("unpacked"));
    Path command = Files.copy(launcher, unpacked.resolve("pleat"));
    Path jar = Files.writeString(unpacked.resolve("pleat.jar"), "");
    Path runtime = Files.move(jdk("brought", "25"), unpacked.resolve("runtime"));
    Files.delete(runtime.resolve("bin/javac"));

    Run run = run(command, Map.of("JAVA_HOME", jdk("installed", "26").toString()), "demo");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith("java of brought\n")
        .contains("<-XX:+UseZGC>", "<--enable-native-access=ALL-UNNAMED>")
        .endsWith("<-jar>\n<%s>\n<demo>\n".formatted(jar.toRealPath()));
  }

  private Path dying(String how) throws IOException {
    Path jdk = jdk("dying", "25");
    // The start that makes the cache of classes is left in peace.
    Files.writeString(
        jdk.resolve("bin/java"),
        "#!/bin/sh\ncase $* in *AOTCacheOutput*) exit 0 ;; esac\n" + how + "\n");
    return jdk;
  }

  @Test
  void a_virtual_machine_that_dies_is_one_line_and_keeps_its_exit_code() throws Exception {
    for (String signal : List.of("SEGV", "ABRT")) {
      Path jdk = dying("ulimit -c 0; kill -%s $$".formatted(signal));
      Run run = run(launcher, Map.of("PLEAT_JAVA_HOME", jdk.toString()), "fold");

      assertThat(run.exitCode()).isEqualTo(signal.equals("SEGV") ? 139 : 134);
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).contains("pleat: the Java virtual machine died");
      assertThat(run.err().lines().filter(line -> line.startsWith("pleat: "))).hasSize(1);
    }
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere the memory of data has no limit")
  void a_model_cannot_take_all_memory_of_the_machine() throws Exception {
    Path jdk = dying("ulimit -S -d");
    Run run = run(launcher, Map.of("PLEAT_JAVA_HOME", jdk.toString()), "inspect");

    assertThat(Long.parseLong(run.out().strip())).isBetween(1L << 18, 1L << 40);
  }

  @Test
  void the_runtime_is_told_to_record_nothing_before_it_starts() throws Exception {
    Path jdk = jdk("jdk", "25");
    Files.writeString(jdk.resolve("bin/java"), "#!/bin/sh\necho \"<$ORT_DISABLE_TELEMETRY>\"\n");

    assertThat(run(launcher, Map.of("PLEAT_JAVA_HOME", jdk.toString())).out()).endsWith("<1>\n");
  }

  @Test
  void exit_codes_and_standard_input_pass_through() throws Exception {
    Path jdk = dying("cat; exit 3");
    Path in = Files.writeString(scratch.resolve("in"), "what was typed");
    ProcessBuilder builder =
        new ProcessBuilder("sh", launcher.toString()).redirectInput(in.toFile());
    builder.environment().put("PLEAT_JAVA_HOME", jdk.toString());
    Process process = builder.start();

    assertThat(process.inputReader().readLine()).isEqualTo("what was typed");
    assertThat(process.waitFor()).isEqualTo(3);
  }

  @Test
  void ending_the_launcher_ends_the_virtual_machine() throws Exception {
    Path jdk = dying("trap 'echo ended; exit 143' TERM; echo begun; while :; do sleep 0.1; done");
    ProcessBuilder builder = new ProcessBuilder("sh", launcher.toString());
    builder.environment().put("PLEAT_JAVA_HOME", jdk.toString());
    Process process = builder.start();
    assertThat(process.inputReader().readLine()).isEqualTo("begun");
    process.toHandle().destroy();

    assertThat(process.inputReader().readLine()).isEqualTo("ended");
    assertThat(process.waitFor()).isEqualTo(143);
  }

  @Test
  void parts_of_a_class_cache_that_a_killed_start_left_go() throws Exception {
    Path part = Files.writeString(home.resolve("cli/target/pleat-25.aot.4711"), "part");
    Path more = Files.writeString(home.resolve("cli/target/pleat-25.aot.4711.config"), "part");
    run(launcher, Map.of("PLEAT_JAVA_HOME", jdk("jdk", "25").toString()));

    assertThat(part).doesNotExist();
    assertThat(more).doesNotExist();
  }

  @Test
  void the_vector_module_comes_when_it_is_asked_for() throws Exception {
    Run run =
        run(
            launcher,
            Map.of(
                "PLEAT_JAVA_HOME",
                jdk("jdk", "25").toString(),
                "PLEAT_OPTS",
                "-Dpleat.blas=vector"));

    assertThat(run.out()).contains("<--add-modules=jdk.incubator.vector>");
  }

  @Test
  void a_copy_that_cannot_be_built_where_it_is_says_so_in_one_line() throws Exception {
    Files.delete(home.resolve("cli/target/pleat.jar"));
    // As in a folder that cannot be written: nothing can be made there, also not by root.
    Files.writeString(home.resolve("target"), "in the way");

    Run run = run(launcher, Map.of("PLEAT_JAVA_HOME", jdk("jdk", "25").toString()));

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("pleat: nothing is built yet and ")
        .contains("cannot be written; run it once as a user who may, or copy it");
  }
}
