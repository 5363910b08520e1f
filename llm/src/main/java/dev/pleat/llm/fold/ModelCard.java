package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.report.GroupReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The section of a model card that says how a model was folded. */
final class ModelCard {
  private ModelCard() {}

  /**
   * Appends the section to README.md, else to MODEL_CARD.md; where there is neither, README.md is
   * made.
   *
   * @param input the directory of the original
   * @param provenance as {@link CheckpointProvenance#of} gives it
   * @throws PleatException when that fails
   */
  static void append(
      OutputStage stage,
      Path input,
      FoldPlan plan,
      Map<String, String> provenance,
      List<GroupReport> groups) {
    String name = "README.md";
    if (!Files.exists(input.resolve(name)) && Files.exists(input.resolve("MODEL_CARD.md"))) {
      name = "MODEL_CARD.md";
    }
    try {
      String found = Files.exists(input.resolve(name)) ? Files.readString(input.resolve(name)) : "";
      String before = BaseModel.of(input).map(base -> base.in(found)).orElse(found);
      String gap = before.isEmpty() ? "" : before.endsWith("\n") ? "\n" : "\n\n";
      String text = before + gap + section(plan, provenance, groups);
      stage.write(name, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new PleatException(
          "%s: cannot be read as text (%s)".formatted(input.resolve(name), e), e);
    }
  }

  private static String section(
      FoldPlan plan, Map<String, String> provenance, List<GroupReport> groups) {
    StringBuilder text = new StringBuilder();
    text.append("## Folded with Pleat\n\n")
        .append(
            "%sNo other tensor and no other size has changed: %s.\n\n"
                .formatted(
                    done(plan, provenance),
                    plan.config().isUneven()
                        ? "layers differ in width, so only what reads per_layer_config loads it"
                        : "it loads as before"))
        .append("| | before | after |\n|---|---|---|\n")
        .append(row("parameters", plan.original(), plan.folded().parameters()));
    if (plan.removesLayers()) {
      text.append(row("layers", plan.cut().before(), plan.cut().after()));
    }
    for (int f = 0; f < plan.widths().length; f++) {
      WidthFamily family = plan.families().get(f);
      text.append(row("width of " + family.name(), family.width(), plan.widths()[f]));
    }
    double error =
        groups.stream()
            .filter(group -> group.after() < group.before())
            .mapToDouble(GroupReport::relativeError)
            .average()
            .orElse(0);
    text.append("\n| how | |\n|---|---|\n");
    provenance.forEach((key, value) ->
        text.append("| %s | %s |\n".formatted(key, value.replace("\n", "; ").replace("|", "/"))));
    return text.append(
            String.format(Locale.ROOT, "| relative error of the weights | %.4f |\n", error))
        .toString();
  }

  /** What was done, in sentences. */
  private static String done(FoldPlan plan, Map<String, String> provenance) {
    boolean neurons = false;
    boolean heads = false;
    for (int f = 0; f < plan.widths().length; f++) {
      WidthFamily family = plan.families().get(f);
      boolean narrower = plan.widths()[f] < family.width();
      neurons |= narrower && !family.isAttention();
      heads |= narrower && family.isAttention();
    }
    String method = provenance.getOrDefault("pleat.method", "");
    boolean fold = method.equals("fold");
    boolean fitted = provenance.getOrDefault("pleat.repair", "").equals("self");
    StringBuilder text = new StringBuilder();
    if (plan.removesLayers()) {
      text.append(
          "Layers %s (counted from 0) were removed, those that the text named below misses least, and the output projections of the feed-forward blocks of the others were fitted to what the original gives. "
              .formatted(join(plan.cut().removed())));
    }
    if (neurons && fold && fitted) {
      text.append("Neurons of the feed-forward blocks were eliminated, those first that the ")
          .append("others replace best, and each block's output projection was fitted to what ")
          .append("the original gives on the text named below. The neurons that stay read what ")
          .append("they read before. ");
    } else if (neurons && fold) {
      text.append("Similar neurons of the feed-forward blocks were merged (model folding, ")
          .append("arXiv 2502.10216). ");
    } else if (neurons) {
      text.append(
          "Neurons of the feed-forward blocks were left out (%s)%s. "
              .formatted(method, fitted ? ", and each block's output projection was fitted" : ""));
    }
    if (heads) {
      text.append(
          fold
              ? "Similar key/value groups of the attention were merged. "
              : "Key/value groups of the attention were left out (%s). ".formatted(method));
    }
    return text.toString();
  }

  private static String join(List<Integer> layers) {
    return layers.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static String row(String name, long before, long after) {
    return "| %s | %d | %d |\n".formatted(name, before, after);
  }
}
