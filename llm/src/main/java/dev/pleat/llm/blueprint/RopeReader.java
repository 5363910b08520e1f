package dev.pleat.llm.blueprint;

import dev.pleat.core.PleatException;
import dev.pleat.llm.architecture.AttentionDescription.RotaryPairs;
import dev.pleat.llm.architecture.ConfigField;
import dev.pleat.llm.architecture.ModelFacts;
import dev.pleat.llm.json.JsonObject;
import java.util.Optional;

/** Finds the rotary frequencies of a model's layers. */
final class RopeReader {
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";

  private final ModelFacts facts;
  private final int dims;

  RopeReader(ModelFacts facts, int headDim) {
    this.facts = facts;
    this.dims = (int) (headDim * facts.numberOrEmpty(ConfigField.ROTARY_FRACTION).orElse(1.0));
    if (dims % 2 != 0 || dims == 0) {
      throw new PleatException(
          "%s: %d of %d dimensions of a head would be rotated, expected an even number"
              .formatted(facts.config().file(), dims, headDim));
    }
  }

  /** The rotation of layers with or without a sliding window. */
  Rope read(boolean windowed) {
    boolean local = windowed && facts.knows(ConfigField.ROPE_LOCAL_THETA);
    double theta = facts.number(local ? ConfigField.ROPE_LOCAL_THETA : ConfigField.ROPE_THETA);
    double[] plain = new double[dims / 2];
    for (int j = 0; j < plain.length; j++) {
      plain[j] = Math.pow(theta, -2.0 * j / dims);
    }
    Rope rope =
        scaling(local)
            .map(scaling -> scaling.apply(plain, theta))
            .orElseGet(() -> RopeScaling.rope(plain, 1));
    return new Rope(
        rope.frequencies(),
        rope.magnitude(),
        facts.architecture().attention().rotaryPairs() == RotaryPairs.NEIGHBOURS);
  }

  /** Positions for which the frequencies hold, of those that the configuration declares. */
  int context(int declared) {
    return scaling(false).map(scaling -> scaling.context(declared)).orElse(declared);
  }

  private Optional<RopeScaling> scaling(boolean local) {
    Optional<JsonObject> object =
        facts.name(ConfigField.ROPE_SCALING).flatMap(name -> facts.fields().objectOrEmpty(name));
    boolean nested = object.isPresent() && object.get().has(FULL);
    if (local && !nested) {
      return Optional.empty();
    }
    return (nested ? object.flatMap(o -> o.objectOrEmpty(local ? SLIDING : FULL)) : object)
        .map(o -> new RopeScaling(o, facts));
  }
}
