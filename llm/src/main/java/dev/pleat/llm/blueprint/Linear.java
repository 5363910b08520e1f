package dev.pleat.llm.blueprint;

import java.util.Optional;

/**
 * y = x Wᵀ + b.
 *
 * @param weight [out, in]; [in, out] when transposed
 * @param bias [out]
 * @param transposed whether the weight is stored the other way round, as GPT-2 does
 */
public record Linear(String weight, Optional<String> bias, boolean transposed) {}
