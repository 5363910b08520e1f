package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.DirectoryFold;
import dev.pleat.FileFold;
import dev.pleat.SweepRequest;
import dev.pleat.core.Setting;
import dev.pleat.onnx.request.EvalRequest;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What errors tell to change can be changed by who reads them: by an option and by a method. */
class SettingNamesTest {
  private static final Pattern NAMED = Pattern.compile("Setting\\.o[fn]\\(\\s*\"([a-z-]+)\"");

  @Test
  void every_setting_that_an_error_names_is_an_option_and_a_method() throws IOException {
    Set<String> methods =
        Stream.of(FileFold.class, DirectoryFold.class, SweepRequest.class, EvalRequest.class)
            .flatMap(type -> Arrays.stream(type.getMethods()))
            .map(Method::getName)
            .collect(Collectors.toSet());
    Set<String> options =
        PleatCommand.commandLine().getSubcommands().values().stream()
            .map(CommandLine::getCommandSpec)
            .flatMap(command -> command.optionsMap().keySet().stream())
            .collect(Collectors.toSet());

    Set<String> names = named();

    assertThat(names).hasSizeGreaterThan(15);
    assertThat(names)
        .allSatisfy(name -> {
          assertThat(options).contains("--" + name);
          assertThat(methods).contains(Setting.of(name).method());
        });
  }

  private static Set<String> named() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of(".."))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.toString().contains("src/main/java") && file.toString().endsWith(".java")) {
          NAMED
              .matcher(Files.readString(file))
              .results()
              .forEach(found -> names.add(found.group(1)));
        }
      }
    }
    return names;
  }
}
