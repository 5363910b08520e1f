package dev.pleat.fuzz.mutate;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Damages one line of JSON of a journal, loses or repeats it, or damages the text. */
final class LinesMutation implements Mutation {
  @Override
  public byte[] apply(byte[] bytes, RandomGenerator random) {
    List<String> lines =
        new ArrayList<>(new String(bytes, StandardCharsets.UTF_8).lines().toList());
    if (lines.isEmpty() || random.nextInt(4) == 0) {
      return new ByteMutation().apply(bytes, random);
    }
    int at = random.nextInt(lines.size());
    switch (random.nextInt(4)) {
      case 0 -> lines.remove(at);
      case 1 -> lines.add(at, lines.get(random.nextInt(lines.size())));
      default -> {
        byte[] line = lines.get(at).getBytes(StandardCharsets.UTF_8);
        lines.set(at, new String(new JsonMutation().apply(line, random), StandardCharsets.UTF_8));
      }
    }
    return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
