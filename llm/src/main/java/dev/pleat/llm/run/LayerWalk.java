package dev.pleat.llm.run;

import dev.pleat.llm.blueprint.FeedForward;
import dev.pleat.llm.graph.ModelSection;
import dev.pleat.llm.graph.Weights;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Runs a model layer by layer on one batch, with only one layer's weights in memory: embedding,
 * then each layer with the hidden states of the one before.
 */
public final class LayerWalk {
  /** Logits that are held at once, 64 MiB of them. */
  private static final int MOST_LOGITS = 1 << 24;

  private final Model model;
  private final Batch batch;
  private final int threads;

  /**
   * Prepares a walk; nothing runs yet.
   *
   * @param threads threads that it may use, at least 1
   */
  public LayerWalk(Model model, Batch batch, int threads) {
    this.model = model;
    this.batch = batch;
    this.threads = threads;
  }

  /** The hidden states before the first layer, [tokens, hidden]. */
  public HiddenStates embed() {
    Map<String, TensorValue> inputs =
        Map.of(ModelSection.TOKENS, batch.ids(), ModelSection.POSITIONS, batch.positions(0));
    try (OpenPart open =
        new OpenPart(model, new ModelSection(true, 0, 0, false, false, Set.of()), threads)) {
      return HiddenStates.of(open.session().run(inputs), ModelSection.HIDDEN_OUT);
    }
  }

  /**
   * One layer with the model's own weights.
   *
   * @param states the hidden states before it, [tokens, hidden]
   */
  public Passed layer(int number, HiddenStates states) {
    return layer(number, states, model.weights());
  }

  /**
   * One layer with other weights, such as folded ones.
   *
   * @param states the hidden states before it, [tokens, hidden]
   */
  public Passed layer(int number, HiddenStates states, Weights weights) {
    return layer(number, states, weights, false);
  }

  /** The same, with {@link Passed#slopes} where its feed-forward part is one network. */
  public Passed linearised(int number, HiddenStates states, Weights weights) {
    return layer(number, states, weights, true);
  }

  /**
   * A walk through some of the sequences.
   *
   * @param most how many, at even distances; at least 1
   */
  public LayerWalk some(int most) {
    return new LayerWalk(model, batch.some(most), threads);
  }

  /** The rows of what {@link #some} walks through. */
  public int[] rowsOfSome(int most) {
    return batch.rowsOfSome(most);
  }

  /** Tokens of each sequence. */
  public int length() {
    return batch.length();
  }

  private Passed layer(int number, HiddenStates states, Weights weights, boolean slopes) {
    Map<String, TensorValue> inputs =
        Map.of(ModelSection.HIDDEN, states.value(), ModelSection.POSITIONS, batch.positions(0));
    ModelSection part =
        new ModelSection(false, number, number + 1, false, false, Set.of(number), slopes);
    try (OpenPart open = new OpenPart(model.with(weights), part, threads)) {
      Map<String, TensorValue> outputs = open.session().run(inputs);
      return new Passed(
          HiddenStates.of(outputs, ModelSection.HIDDEN_OUT),
          HiddenStates.of(outputs, ModelSection.heads(number)),
          ifAny(outputs, ModelSection.between(number)),
          ifAny(outputs, ModelSection.neurons(number)),
          ifAny(outputs, ModelSection.read(number)),
          ifAny(outputs, ModelSection.slopes(number)),
          experts(number, outputs));
    }
  }

  /**
   * How badly the model predicts each next token of the batch: the mean of −log p, in nats.
   *
   * @param last the hidden states behind the last layer, [tokens, hidden]
   */
  public double loss(HiddenStates last) {
    int layers = model.blueprint().layers().size();
    int vocabulary = model.blueprint().vocabulary();
    int most = Math.max(1, MOST_LOGITS / vocabulary);
    double sum = 0;
    ModelSection head = new ModelSection(false, layers, layers, true, false, Set.of());
    try (OpenPart open = new OpenPart(model, head, threads)) {
      for (int from = 0; from < last.rows(); from += most) {
        HiddenStates some = last.rows(from, Math.min(most, last.rows() - from));
        Map<String, TensorValue> outputs =
            open.session().run(Map.of(ModelSection.HIDDEN, some.value()));
        LogProbabilities next =
            new LogProbabilities(
                HiddenStates.of(outputs, ModelSection.LOGITS).values(), vocabulary);
        for (int row = 0; row < some.rows(); row++) {
          int[] sequence = batch.tokens()[(from + row) / batch.length()];
          int following = (from + row) % batch.length() + 1;
          sum -= following < sequence.length ? next.of(row, sequence[following]) : 0;
        }
      }
    }
    return sum / (batch.rows() - batch.sequences());
  }

  private static Optional<HiddenStates> ifAny(Map<String, TensorValue> outputs, String name) {
    return outputs.containsKey(name)
        ? Optional.of(HiddenStates.of(outputs, name))
        : Optional.empty();
  }

  private List<Chosen> experts(int number, Map<String, TensorValue> outputs) {
    List<Chosen> experts = new ArrayList<>();
    if (model.blueprint().layers().get(number).feedForward()
        instanceof FeedForward.Mixture mixture) {
      for (int e = 0; e < mixture.experts().size(); e++) {
        if (outputs.get(ModelSection.rows(number, e))
            instanceof TensorValue.Integers(var shape, var rows)) {
          experts.add(new Chosen(HiddenStates.of(outputs, ModelSection.neurons(number, e)), rows));
        }
      }
    }
    return experts;
  }

  /**
   * What a layer gave.
   *
   * @param states the hidden states behind it, [tokens, hidden]
   * @param heads what the output projection of its attention read, [tokens, heads · headDim]
   * @param between the hidden states behind its attention, where its feed-forward part comes after
   *     that, [tokens, hidden]
   * @param neurons what its down projection read, [tokens, neurons]; in a mixture that of the
   *     shared expert, if there is one
   * @param read where slopes are wanted, what the feed-forward network read, [tokens, hidden]
   * @param slopes where they are wanted, how its neurons change with what each is made of ({@link
   *     Part#slopes(int)})
   * @param experts in a mixture, what the down projection of each expert read
   */
  public record Passed(
      HiddenStates states,
      HiddenStates heads,
      Optional<HiddenStates> between,
      Optional<HiddenStates> neurons,
      Optional<HiddenStates> read,
      Optional<HiddenStates> slopes,
      List<Chosen> experts) {

    /** Copies the list. */
    public Passed {
      experts = List.copyOf(experts);
    }
  }

  /**
   * What an expert's down projection read.
   *
   * @param neurons [chosen, neurons]
   * @param rows the tokens that chose the expert, ascending
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  public record Chosen(HiddenStates neurons, long[] rows) {}
}
