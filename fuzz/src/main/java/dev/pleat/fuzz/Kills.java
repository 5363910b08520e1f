package dev.pleat.fuzz;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.OnnxModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Kills folds at random moments, half of them while a model with its data takes the place of
 * another, and looks whether anything was lost: {@code FOLDER COUNT SEED}.
 */
public final class Kills {
  private final SplittableRandom random;
  private int kills;
  private int inCommits;
  private int faults;

  private Kills(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** Kills and prints the table; leaves with 1 when anything was lost. */
  public static void main(String... arguments) throws Exception {
    Path folder = Files.createDirectories(Path.of(arguments[0])).toAbsolutePath();
    Kills kills = new Kills(Long.parseLong(arguments[2]));
    int count = Integer.parseInt(arguments[1]);
    kills.commits(Files.createDirectories(folder.resolve("commits")), (count + 1) / 2);
    Path inputs = Seeds.unpack(folder.resolve("folds"));
    Map<String, String> before = contents(inputs);
    kills.folds(
        inputs,
        "fold @llama -o @killed --channels 0.25 --repair none --resume -q",
        "fold @llama -o @whole --channels 0.25 --repair none -q",
        count / 4);
    kills.folds(
        inputs,
        "fold @outside.onnx -o @killed.onnx --channels 0.25 --repair none --force -q",
        "fold @outside.onnx -o @whole.onnx --channels 0.25 --repair none -q",
        count - (count + 1) / 2 - count / 4);
    before.forEach((name, bytes) -> kills.check(bytes.equals(text(inputs.resolve(name))), name));
    System.out.printf(
        "%d kills, %d of them inside commits: %d faults%n",
        kills.kills, kills.inCommits, kills.faults);
    System.exit(kills.faults == 0 ? 0 : 1);
  }

  private void commits(Path place, int count) throws IOException, InterruptedException {
    Path file = place.resolve("model.onnx");
    CommitLoop.begin(file);
    for (int i = 0; i < count; i++) {
      Child child =
          Child.start(
              place,
              List.of(),
              CommitLoop.class.getName(),
              file.toString(),
              Integer.toString(1 + i * 37),
              Integer.toString(Integer.MAX_VALUE));
      int first = child.process().getInputStream().read();
      check(first == '+', "the loop does not begin: " + child.said());
      child.killAfter(random.nextInt(150));
      kills++;
      String signs =
          "+"
              + new String(
                  child.process().getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      inCommits += signs.endsWith("+") ? 1 : 0;
      String fault = CommitLoop.fault(file);
      check(fault.isEmpty(), fault);
      Files.delete(child.err());
    }
    CommitLoop.begin(file);
    try (Stream<Path> files = Files.list(place)) {
      List<String> names = files.map(f -> f.getFileName().toString()).sorted().toList();
      check(names.equals(List.of("model.onnx", "model.onnx.data")), "left: " + names);
    }
  }

  /** Kills a fold some times, then lets it end, and compares with one that nobody killed. */
  private void folds(Path place, String command, String undisturbed, int count)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    Child whole = Child.pleat(place, List.of(), undisturbed);
    check(whole.end() == 0, whole.said());
    long milliseconds = (System.nanoTime() - start) / 1_000_000;
    Path output = place.resolve(command.contains("killed.onnx") ? "killed.onnx" : "killed");
    Path wanted = place.resolve(command.contains("killed.onnx") ? "whole.onnx" : "whole");
    for (int i = 0; i < count; ) {
      Child child = Child.pleat(place, List.of(), command);
      if (child.killAfter(random.nextLong(milliseconds))) {
        kills++;
        i++;
        if (Files.exists(output)) {
          check(same(output, wanted), output + " is neither whole nor absent");
          if (Files.isDirectory(output)) {
            // Killed when all was done: there is nothing to go on with.
            Worker.delete(output);
          }
        }
        continue;
      }
      check(child.end() == 0, child.said());
      check(same(output, wanted), output + " differs from one that nobody killed");
      if (Files.isDirectory(output)) {
        Worker.delete(output);
      }
    }
    if (!Files.isDirectory(output)) {
      Child last = Child.pleat(place, List.of(), command);
      check(last.end() == 0, last.said());
    }
    check(same(output, wanted), output + " differs from one that nobody killed");
    try (Stream<Path> files = Files.list(place)) {
      List<String> left =
          files.map(f -> f.getFileName().toString()).filter(n -> n.contains(".pleat-")).toList();
      check(left.isEmpty(), "left: " + left);
    }
  }

  private static boolean same(Path a, Path b) throws IOException {
    if (Files.isDirectory(a)) {
      return contents(a).equals(contents(b));
    }
    if (!Files.exists(a)) {
      return false;
    }
    // The model names its data, which within a commit has another name than afterwards.
    OnnxModel first = ModelReader.read(a);
    OnnxModel second = ModelReader.read(b);
    return first.graph().getNodeList().equals(second.graph().getNodeList())
        && weights(first).equals(weights(second));
  }

  private static Map<String, List<Object>> weights(OnnxModel model) {
    Map<String, List<Object>> all = new TreeMap<>();
    for (TensorProto tensor : model.graph().getInitializerList()) {
      boolean floats = tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE;
      Object values =
          floats ? Arrays.toString(model.floats(model.constant(tensor.getName()))) : tensor;
      all.put(tensor.getName(), List.of(tensor.getDimsList(), values));
    }
    return all;
  }

  private void check(boolean holds, String fault) {
    if (!holds) {
      faults++;
      System.out.println("fault: " + fault);
    }
  }

  static Map<String, String> contents(Path directory) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(directory.relativize(file).toString(), text(file));
      }
    }
    return all;
  }

  private static String text(Path file) {
    try {
      return HexFormat.of().formatHex(Files.readAllBytes(file));
    } catch (IOException e) {
      return "cannot be read: " + e;
    }
  }
}
