package dev.pleat.core.fold;

import java.io.Serializable;

/** What widths are rounded up to. */
public sealed interface Rounding extends Serializable {
  /** Nothing is rounded. */
  Rounding NONE = new Multiple(1);

  /** A multiple of this, at least 1. */
  record Multiple(int multiple) implements Rounding {}

  /** The multiple that is found to run fastest. */
  record Auto() implements Rounding {}
}
