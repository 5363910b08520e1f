package dev.pleat.llm.blueprint;

import dev.pleat.llm.architecture.ConfigField;
import dev.pleat.llm.architecture.ModelFacts;
import dev.pleat.llm.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** How a model's frequencies were changed for contexts longer than it was first trained on. */
final class RopeScaling {
  private static final String TRAINED = "original_max_position_embeddings";

  private final JsonObject scaling;
  private final ModelFacts facts;
  private final String type;

  RopeScaling(JsonObject scaling, ModelFacts facts) {
    this.scaling = scaling;
    this.facts = facts;
    this.type =
        scaling.textOrEmpty("rope_type").or(() -> scaling.textOrEmpty("type")).orElse("default");
  }

  static Rope rope(double[] frequencies, double magnitude) {
    return new Rope(Arrays.stream(frequencies).boxed().toList(), magnitude, false);
  }

  /**
   * The changed frequencies.
   *
   * @param plain θ^(−2j/dims)
   * @throws dev.pleat.core.PleatException when the kind of scaling is not known
   */
  Rope apply(double[] plain, double theta) {
    return switch (type) {
      // "dynamic" changes nothing up to the context that the configuration declares.
      case "default", "dynamic" -> rope(plain, 1);
      case "linear" -> rope(each(plain, j -> plain[j] / factor()), 1);
      case "llama3" -> rope(each(plain, j -> llama3(plain[j])), 1);
      case "yarn" -> yarn(plain, theta);
      case "longrope", "su" -> longRope(plain);
      default ->
          throw scaling.error(
              "rope_type",
              "is '%s', expected default, linear, dynamic, llama3, yarn or longrope"
                  .formatted(type));
    };
  }

  /** LongRoPE has other frequencies beyond the context it was first trained on. */
  int context(int declared) {
    return type.equals("longrope") || type.equals("su") ? Math.min(declared, trained()) : declared;
  }

  private static double[] each(double[] plain, IntToDoubleFunction change) {
    double[] changed = new double[plain.length];
    Arrays.setAll(changed, change);
    return changed;
  }

  private double factor() {
    return scaling
        .numberOrEmpty("factor")
        .orElseGet(() -> facts.number(ConfigField.CONTEXT) / trained());
  }

  private int trained() {
    return scaling
        .positiveOrEmpty(TRAINED)
        .or(() -> facts.fields().positiveOrEmpty(TRAINED))
        .orElseGet(() -> facts.positive(ConfigField.CONTEXT));
  }

  /** Llama 3.1: long waves are stretched, short ones are not, those between partly. */
  private double llama3(double frequency) {
    double low = scaling.number("low_freq_factor");
    double high = scaling.number("high_freq_factor");
    double turns = trained() * frequency / (2 * Math.PI);
    double smooth = Math.clamp((turns - low) / (high - low), 0, 1);
    return (1 - smooth) * frequency / factor() + smooth * frequency;
  }

  /** YaRN (arXiv 2309.00071), section 3.2 and equation 22. */
  private Rope yarn(double[] plain, double theta) {
    double low = pairOf(scaling.numberOrEmpty("beta_fast").orElse(32.0), plain.length, theta);
    double high = pairOf(scaling.numberOrEmpty("beta_slow").orElse(1.0), plain.length, theta);
    if (scaling.flagOrEmpty("truncate").orElse(true)) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    double first = Math.max(low, 0);
    double last = Math.min(high, 2 * plain.length - 1.0);
    double width = first == last ? 0.001 : last - first;
    double[] changed =
        each(
            plain,
            j -> {
              double stretched = Math.clamp((j - first) / width, 0, 1);
              return plain[j] * (stretched / factor() + 1 - stretched);
            });
    return rope(changed, scaling.numberOrEmpty("attention_factor").orElseGet(this::yarnMagnitude));
  }

  /** The pair that turns this often within the trained context. */
  private double pairOf(double turns, int pairs, double theta) {
    return pairs * Math.log(trained() / (turns * 2 * Math.PI)) / Math.log(theta);
  }

  private double yarnMagnitude() {
    double over = scaling.numberOrEmpty("mscale").orElse(0.0);
    double under = scaling.numberOrEmpty("mscale_all_dim").orElse(0.0);
    return over != 0 && under != 0 ? magnitude(over) / magnitude(under) : magnitude(1);
  }

  private double magnitude(double scale) {
    return factor() <= 1 ? 1 : 0.1 * scale * Math.log(factor()) + 1;
  }

  /** LongRoPE (arXiv 2402.13753) within the context it was first trained on. */
  private Rope longRope(double[] plain) {
    List<Double> factors = scaling.numbers("short_factor");
    if (factors.size() != plain.length) {
      throw scaling.error(
          "short_factor", "has %d numbers, expected %d".formatted(factors.size(), plain.length));
    }
    double magnitude =
        scaling
            .numberOrEmpty("attention_factor")
            .orElseGet(() ->
                factor() <= 1 ? 1.0 : Math.sqrt(1 + Math.log(factor()) / Math.log(trained())));
    return rope(each(plain, j -> plain[j] / factors.get(j)), magnitude);
  }
}
