package dev.pleat.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One way to use Pleat.
 *
 * @param files what is copied from the seeds; a name that ends in a slash is a directory
 * @param mutated files of these that may be damaged
 * @param command words; those that begin with {@code @} are files of the case
 */
record Scenario(List<String> files, List<String> mutated, List<String> command) {
  private static final List<String> MODELS =
      List.of("convolutions", "half", "encoder", "sequence", "conditional", "outside");
  private static final List<String> OF_DIRECTORY =
      List.of(
          "llama/config.json",
          "llama/model.safetensors.index.json",
          "llama/model-00001-of-00002.safetensors",
          "llama/model-00002-of-00002.safetensors",
          "llama/generation_config.json",
          "llama/tokenizer.json");

  /** Half of the cases damage ONNX models, a quarter directories, a quarter data. */
  static Scenario draw(RandomGenerator random) {
    return switch (random.nextInt(8)) {
      case 0, 1, 2, 3 -> model(random);
      case 4, 5 -> directory(random);
      default -> data(random);
    };
  }

  private static Scenario model(RandomGenerator random) {
    String name = pick(random, MODELS) + ".onnx";
    List<String> files = new ArrayList<>(List.of(name));
    if (name.startsWith("outside")) {
      files.add("outside.bin");
    }
    String at = " @in/" + name;
    String command =
        switch (random.nextInt(12)) {
          case 0 -> "inspect" + at;
          case 1 -> "inspect" + at + " --channels 0.5 --report @page.html";
          case 2 -> "fold" + at + " --dry-run --json --flops 0.4";
          case 3 -> "fold" + at + " --dry-run --size 60% --repair none";
          case 4 -> "fold" + at + " -o @out.onnx --params 0.4 --repair approximate --no-verify";
          case 5 -> "fold" + at + " -o @out.onnx --channels 0.4 --repair none --no-verify";
          case 6 -> "fold" + at + " -o @out.onnx --channels 0.4 --repair none";
          case 7 -> "fold" + at + " -o @out.onnx --channels 0.4 --samples 8";
          case 8 -> "fold" + at + " -o @out.onnx --channels 0.4 --repair least-squares --samples 8";
          case 9 -> "fold" + at + " -o @out.onnx --channels 0.4 --allocate global --repair none";
          case 10 -> "eval" + at;
          default -> "invert" + at + " -o @made.npy --images 4 --steps 2 --sheet @made.png";
        };
    return of(files, files, command);
  }

  private static Scenario directory(RandomGenerator random) {
    String command =
        switch (random.nextInt(9)) {
          case 0 -> "inspect @in/llama --channels 0.5";
          case 1 -> "fold @in/llama -o @out --channels 0.5 --repair none --no-verify";
          case 2 -> "fold @in/llama -o @out --channels 0.5 --repair none";
          case 3 -> "fold @in/llama -o @out --channels 0.4 --heads 0.5 --repair none";
          case 4 -> "fold @in/llama -o @out --params 0.2 --data @in/llama/text.txt";
          case 5 -> "fold @in/llama -o @out --channels 0.4 --dry-run --json";
          case 6 -> "export @in/llama -o @out.onnx";
          case 7 -> "eval @in/llama --text @in/llama/text.txt --context 16";
          default -> "fold @in/llama -o @out --channels 0.25 --repair none --no-verify --resume";
        };
    return of(List.of("llama/"), OF_DIRECTORY, command);
  }

  private static Scenario data(RandomGenerator random) {
    String fold = "fold @in/convolutions.onnx -o @out.onnx --channels 0.4 --samples 8 --data @in/";
    String eval = "eval @in/convolutions.onnx --images @in/";
    return switch (random.nextInt(8)) {
      case 0 -> with("images.npy", fold + "images.npy");
      case 1 -> with("arrays.npz", fold + "arrays.npz");
      case 2 -> with("images.idx3-ubyte", fold + "images.idx3-ubyte");
      case 3 -> with("images.idx3-ubyte.gz", eval + "images.idx3-ubyte.gz");
      case 4 ->
          of(
              List.of("convolutions.onnx", "images.idx3-ubyte", "labels.idx1-ubyte"),
              List.of("labels.idx1-ubyte", "images.idx3-ubyte"),
              eval + "images.idx3-ubyte --labels @in/labels.idx1-ubyte");
      case 5 -> {
        List<String> pictures = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          for (String kind : List.of("png", "jpg", "bmp", "gif")) {
            pictures.add("pictures/class%d/%d.%s".formatted(i, i, kind));
          }
        }
        yield of(List.of("convolutions.onnx", "pictures/"), pictures, eval + "pictures");
      }
      case 6 ->
          of(
              List.of("encoder.onnx", "ids.npz"),
              List.of("ids.npz"),
              "eval @in/encoder.onnx --inputs @in/ids.npz --against @in/encoder.onnx");
      default ->
          of(
              List.of("convolutions.onnx", "results/"),
              List.of("results/journal.jsonl"),
              "sweep @in/convolutions.onnx -o @results --resume --channels 0.25 --repair none --samples 8");
    };
  }

  private static Scenario with(String data, String command) {
    return of(List.of("convolutions.onnx", data), List.of(data), command);
  }

  private static Scenario of(List<String> files, List<String> mutated, String command) {
    List<String> words = new ArrayList<>(Arrays.asList(command.split(" ")));
    words.addAll(List.of("--threads", "1", "--quiet"));
    return new Scenario(files, mutated, words);
  }

  private static String pick(RandomGenerator random, List<String> from) {
    return from.get(random.nextInt(from.size()));
  }
}
