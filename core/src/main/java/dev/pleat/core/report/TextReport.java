package dev.pleat.core.report;

import java.util.Optional;

/**
 * The result of evaluating a language model. The component names are the fields of {@code eval
 * --json}.
 *
 * @param model the directory of the model that was evaluated
 * @param perplexity exp of {@code nll}, at least 1
 * @param tokens number of tokens that were predicted
 * @param nll mean negative log-likelihood of a token in nats
 * @param againstPerplexity the original's perplexity, empty without an original
 * @param agreement how far the logits are from the original's, empty without an original
 * @param tokensPerSecond tokens read in a second of evaluation, by both models where there is an
 *     original
 * @param bytes size of the weights' files
 */
public record TextReport(
    String model,
    double perplexity,
    long tokens,
    double nll,
    Optional<Double> againstPerplexity,
    Optional<Agreement> agreement,
    double tokensPerSecond,
    long bytes) {}
