package dev.pleat.core.report;

import java.util.Optional;

/**
 * The result of an evaluation. The component names are the fields of {@code eval --json}.
 *
 * @param model the model that was evaluated
 * @param accuracy share of labelled images whose largest output is their class, in [0, 1]; empty
 *     without labels
 * @param top5 share of labelled images whose class is among the five largest outputs, in [0, 1];
 *     empty without labels or below five classes
 * @param count images or other inputs that accuracy or agreement was measured on; 0 when there were
 *     none
 * @param agreement how far the outputs are from the original's, empty without an original
 * @param embeddings how far what the outputs say of a sample is kept; empty without an original and
 *     a file of inputs
 * @param latencyMs time of one run
 * @param againstLatencyMs time of one run of the original, measured in turns with the model; empty
 *     without an original
 * @param bytes file size of the model, external data included
 * @param threads that one run may use
 * @param throughputMs time of one run with a batch of 32; empty where the model takes no such batch
 * @param againstThroughputMs the same of the original, measured in turns with the model
 * @param footprint what the model needs of a microcontroller, empty where that was not counted
 */
public record EvalReport(
    String model,
    Optional<Double> accuracy,
    Optional<Double> top5,
    int count,
    Optional<Agreement> agreement,
    Optional<EmbeddingAgreement> embeddings,
    Latency latencyMs,
    Optional<Latency> againstLatencyMs,
    long bytes,
    int threads,
    Optional<Latency> throughputMs,
    Optional<Latency> againstThroughputMs,
    Optional<Footprint> footprint) {

  /** The same with what it needs of a microcontroller. */
  public EvalReport withFootprint(Optional<Footprint> found) {
    return new EvalReport(
        model,
        accuracy,
        top5,
        count,
        agreement,
        embeddings,
        latencyMs,
        againstLatencyMs,
        bytes,
        threads,
        throughputMs,
        againstThroughputMs,
        found);
  }
}
