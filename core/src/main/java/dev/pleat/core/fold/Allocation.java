package dev.pleat.core.fold;

import dev.pleat.core.Setting;
import java.util.Locale;

/** How a target is shared out among the groups. */
public enum Allocation {
  /** Every group loses the same share of its channels. */
  UNIFORM,
  /** Groups lose what hurts the outputs least. */
  GLOBAL;

  /** The choice of this allocation, as errors name it. */
  public Setting setting() {
    return Setting.of("allocate", spelling());
  }

  /** How options and reports spell it. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }
}
