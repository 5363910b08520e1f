package dev.pleat.llm.fold;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The model that was folded, as the field {@code base_model} of a model card names it.
 *
 * @param id on the Hugging Face hub, {@code ORGANISATION/NAME}
 */
record BaseModel(String id) {
  /** Where the hub's own tools keep a model: {@code models--ORGANISATION--NAME/snapshots/...}. */
  private static final Pattern CACHE = Pattern.compile("models--([\\w.-]+?)--([\\w.-]+)");

  private static final String FENCE = "---";
  private static final String FIELD = "base_model:";

  /** The model in a directory; known only where its path tells, never guessed from names. */
  static Optional<BaseModel> of(Path directory) {
    for (Path part : directory.toAbsolutePath().normalize()) {
      Matcher matcher = CACHE.matcher(part.toString());
      if (matcher.matches()) {
        return Optional.of(new BaseModel(matcher.group(1) + "/" + matcher.group(2)));
      }
    }
    return Optional.empty();
  }

  /** A model card with this as its base; what it said was the base of the original. */
  String in(String card) {
    List<String> lines = new ArrayList<>(card.lines().toList());
    int end =
        lines.isEmpty() || !lines.getFirst().equals(FENCE)
            ? -1
            : lines.subList(1, lines.size()).indexOf(FENCE) + 1;
    if (end <= 0) {
      return "%s\n%s %s\n%s\n%s".formatted(FENCE, FIELD, id, FENCE, card);
    }
    List<String> kept = new ArrayList<>();
    boolean inside = false;
    for (String line : lines.subList(1, end)) {
      inside = line.startsWith("base_model") || (inside && line.matches("[ -].*"));
      if (!inside) {
        kept.add(line);
      }
    }
    kept.addFirst(FENCE);
    kept.add(FIELD + " " + id);
    kept.addAll(lines.subList(end, lines.size()));
    return String.join("\n", kept) + "\n";
  }
}
