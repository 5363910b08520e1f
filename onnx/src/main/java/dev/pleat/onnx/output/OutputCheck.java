package dev.pleat.onnx.output;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.ModelWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Holds every path that a command writes against every file that it reads and against its other
 * outputs, whatever links lead there. Nothing allows writing over them.
 */
public final class OutputCheck {
  /** What Pleat itself writes into a model directory; such a file may be replaced. */
  private static final List<String> MADE = List.of(".onnx", ".onnx.data", ".html");

  private final List<Path> inputs = new ArrayList<>();
  private final List<Named> outputs = new ArrayList<>();

  private record Named(String role, Path path) {}

  /**
   * Adds something that is read: a file, with the files that an ONNX model keeps its tensors in, or
   * a directory with all that it holds. It need not exist.
   */
  public OutputCheck reads(Path input) {
    inputs.add(input);
    return this;
  }

  /** The same for what is read only when it is given. */
  public OutputCheck reads(Optional<Path> input) {
    input.ifPresent(this::reads);
    return this;
  }

  /**
   * Adds a file that will be written.
   *
   * @param role how messages call it, such as {@code the report}
   * @throws PleatException when it is, or is part of, what is read, or is another output
   */
  public OutputCheck writes(String role, Path output) {
    try {
      Optional<Path> harmed = Files.exists(output) ? harmed(output) : Optional.empty();
      if (harmed.isPresent()) {
        throw refusal(role, output, harmed.get());
      }
      Path resolved = resolved(output);
      for (Named other : outputs) {
        if (same(other.path, output) || resolved(other.path).equals(resolved)) {
          throw new PleatException(
              "%s and %s cannot both be %s; name another file".formatted(other.role, role, output));
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw new PleatException("%s %s cannot be looked at (%s)".formatted(role, output, e), e);
    }
    outputs.add(new Named(role, output));
    return this;
  }

  /**
   * Adds a model that will be written, with the file beside it that may hold its tensors.
   *
   * @throws PleatException as {@link #writes} does
   */
  public OutputCheck writesModel(Path output) {
    return writes("the output", output)
        .writes("the data of the output", ModelWriter.dataFile(output));
  }

  /**
   * Adds a directory that will be replaced whole.
   *
   * @throws PleatException when anything that is read lies in it, or it in a directory that is read
   */
  public OutputCheck writesDirectory(Path output) {
    try {
      Path target = resolved(output);
      for (Path input : inputs) {
        Path source = resolved(input);
        boolean inside = Files.isDirectory(input) && target.startsWith(source);
        if (same(input, output) || inside || source.startsWith(target)) {
          throw new PleatException(
              "the output %s is the input %s or one lies in the other; give another directory with -o"
                  .formatted(output, input));
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw new PleatException("the output %s cannot be looked at (%s)".formatted(output, e), e);
    }
    outputs.add(new Named("the output", output));
    return this;
  }

  private PleatException refusal(String role, Path output, Path harmed) {
    return new PleatException(
        inputs.contains(harmed)
            ? "%s %s is the input; give another file".formatted(role, output)
            : "%s %s is the input's file %s, which is never written over; give another file"
                .formatted(role, output, harmed));
  }

  /** The input, or the file of an input, that writing here would destroy. */
  private Optional<Path> harmed(Path output) throws IOException {
    for (Path input : inputs) {
      if (same(input, output)) {
        return Optional.of(input);
      }
      if (!Files.exists(input)) {
        continue;
      }
      if (Files.isDirectory(input)) {
        Optional<Path> file = in(input, output);
        if (file.isPresent()) {
          return file;
        }
        continue;
      }
      for (Path data : ModelReader.dataFiles(input)) {
        if (same(data, output)) {
          return Optional.of(data);
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Path> in(Path directory, Path output) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (MADE.stream().noneMatch(file.toString()::endsWith)
            && !Files.isDirectory(file)
            && same(file, output)) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }

  private static boolean same(Path a, Path b) throws IOException {
    return Files.exists(a) && Files.exists(b) && Files.isSameFile(a, b);
  }

  /** The path without links, as far as it exists. */
  static Path resolved(Path path) throws IOException {
    Path whole = path.toAbsolutePath().normalize();
    if (Files.exists(whole)) {
      return whole.toRealPath();
    }
    Path parent = whole.getParent();
    return parent == null || whole.getFileName() == null
        ? whole
        : resolved(parent).resolve(whole.getFileName());
  }
}
