package dev.pleat.llm.graph;

import java.util.Set;

/**
 * Which part of a model a graph computes. A part without the embedding reads {@code hidden} [rows,
 * hidden], one with it {@code input_ids} [batch, sequence]; a part without the head gives {@code
 * hidden_out} [rows, hidden], one with it {@code logits} [rows, vocabulary], or [batch, sequence,
 * vocabulary] when it has the embedding too. All but a head alone read {@code position_ids} [batch,
 * sequence]. Rows are positions of all sequences, one sequence after the other.
 *
 * @param embedding whether it starts with the embedding
 * @param from first layer
 * @param to one past the last layer
 * @param head whether it ends with the head
 * @param cached whether it reads and gives keys and values
 * @param taps layers whose neurons and heads become outputs
 * @param slopes whether those of one network show how their neurons change, too
 */
public record ModelSection(
    boolean embedding,
    int from,
    int to,
    boolean head,
    boolean cached,
    Set<Integer> taps,
    boolean slopes) {
  /** The name of the input of tokens. */
  public static final String TOKENS = "input_ids";

  /** The name of the input of positions. */
  public static final String POSITIONS = "position_ids";

  /** The name of the input of hidden states. */
  public static final String HIDDEN = "hidden";

  /** The name of the output of hidden states. */
  public static final String HIDDEN_OUT = "hidden_out";

  /** The name of the output of logits. */
  public static final String LOGITS = "logits";

  /** Copies the set. */
  public ModelSection {
    taps = Set.copyOf(taps);
  }

  /** A part that shows no slopes. */
  public ModelSection(
      boolean embedding, int from, int to, boolean head, boolean cached, Set<Integer> taps) {
    this(embedding, from, to, head, cached, taps, false);
  }

  /** The input of a layer's earlier keys, [batch, groups, past, headDim]. */
  public static String pastKeys(int layer) {
    return "past_key_values.%d.key".formatted(layer);
  }

  /** The input of a layer's earlier values, [batch, groups, past, headDim]. */
  public static String pastValues(int layer) {
    return "past_key_values.%d.value".formatted(layer);
  }

  /** The output of a layer's keys so far, [batch, groups, past + sequence, headDim]. */
  public static String presentKeys(int layer) {
    return "present.%d.key".formatted(layer);
  }

  /** The output of a layer's values so far, [batch, groups, past + sequence, headDim]. */
  public static String presentValues(int layer) {
    return "present.%d.value".formatted(layer);
  }

  /** The output that holds what a layer's down projection reads, [rows, neurons]. */
  public static String neurons(int layer) {
    return "neurons.%d".formatted(layer);
  }

  /** The output that holds what a layer's attention gives its output projection, [rows, heads]. */
  public static String heads(int layer) {
    return "heads.%d".formatted(layer);
  }

  /** The output of the residual stream between a layer's attention and its feed-forward part. */
  public static String between(int layer) {
    return "between.%d".formatted(layer);
  }

  /** The output of what a layer's only network reads, [rows, hidden]. */
  public static String read(int layer) {
    return "read.%d".formatted(layer);
  }

  /**
   * The output of the derivatives of a layer's neurons by what their activation function reads, and
   * in a gated network beside them those by what it is multiplied with, [rows, neurons] or [rows, 2
   * · neurons].
   */
  public static String slopes(int layer) {
    return "slopes.%d".formatted(layer);
  }

  /** The output that holds what an expert's down projection reads, [chosen, neurons]. */
  public static String neurons(int layer, int expert) {
    return "neurons.%d.%d".formatted(layer, expert);
  }

  /** The output that holds the rows that chose an expert, [chosen]. */
  public static String rows(int layer, int expert) {
    return "rows.%d.%d".formatted(layer, expert);
  }
}
