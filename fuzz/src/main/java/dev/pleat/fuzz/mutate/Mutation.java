package dev.pleat.fuzz.mutate;

import java.util.Locale;
import java.util.random.RandomGenerator;

/** One way to damage a file. */
@FunctionalInterface
public interface Mutation {
  /** The damaged bytes; the given ones stay as they are. */
  byte[] apply(byte[] bytes, RandomGenerator random);

  /** The mutation that knows the structure of a file of this name, or else plain bytes. */
  static Mutation of(String name) {
    String low = name.toLowerCase(Locale.ROOT);
    String ending = low.substring(low.lastIndexOf('.') + 1);
    return switch (ending) {
      case "onnx" -> new ModelMutation();
      case "json" -> new JsonMutation();
      case "jsonl" -> new LinesMutation();
      case "safetensors" -> new SafetensorsMutation();
      case "npy" -> new NpyMutation();
      case "npz" -> new ZipMutation();
      default -> new ByteMutation();
    };
  }

  /** Numbers that break arithmetic. */
  static long number(RandomGenerator random) {
    long[] known = {
      0,
      1,
      -1,
      2,
      3,
      7,
      8,
      255,
      65_535,
      1L << 20,
      Integer.MAX_VALUE,
      Integer.MIN_VALUE,
      1L << 32,
      1L << 40,
      Long.MAX_VALUE,
      Long.MIN_VALUE
    };
    return switch (random.nextInt(3)) {
      case 0 -> known[random.nextInt(known.length)];
      case 1 -> random.nextInt(-4, 40);
      default -> 1L << random.nextInt(63);
    };
  }

  /** Texts that break names, paths and terminals. */
  static String text(RandomGenerator random) {
    String[] known = {
      "",
      " ",
      "x",
      "y",
      "../x",
      "/etc/passwd",
      "a/b",
      "\u001b[31mred\u001b]0;t\u0007",
      "\n",
      "\0",
      "%s%n",
      "ä漢😀",
      "\u202eabc",
      "NaN",
      "model.embed_tokens.weight",
      "\ud800"
    };
    int pick = random.nextInt(known.length + 1);
    return pick == known.length ? "n".repeat(random.nextInt(1, 5000)) : known[pick];
  }
}
