package dev.pleat.llm.blueprint;

import java.util.List;

/**
 * Rotary positions (RoFormer, arXiv 2104.09864): pair j of a head turns by position · frequency j.
 * The pairs are (j, j + dims/2) or (2j, 2j + 1); dimensions from {@code dims} on stay as they are.
 *
 * @param frequencies radians per position, one for each pair
 * @param magnitude factor of the rotated values, 1 unless the scaling of long contexts sets it
 * @param neighbours whether pairs are (2j, 2j + 1)
 */
public record Rope(List<Double> frequencies, double magnitude, boolean neighbours) {

  /** Copies the list. */
  public Rope {
    frequencies = List.copyOf(frequencies);
  }

  /** Leading dimensions of a head that turn. */
  public int dims() {
    return 2 * frequencies.size();
  }
}
