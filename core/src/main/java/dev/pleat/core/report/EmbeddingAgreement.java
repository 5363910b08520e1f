package dev.pleat.core.report;

import java.util.Optional;

/**
 * How well a model keeps what an encoder is for. The embedding of a sample is the mean of its
 * output over all positions that its {@code attention_mask} does not hide.
 *
 * @param cosine mean cosine of a sample's embeddings in the model and in the original, in [−1, 1]
 * @param rankCorrelation Spearman's rank correlation of the cosines of all pairs of samples in the
 *     model with those in the original, in [−1, 1]: whether what was alike still is; empty below
 *     three samples, or where all pairs are equally alike
 */
public record EmbeddingAgreement(double cosine, Optional<Double> rankCorrelation) {}
