package dev.pleat.llm.run;

import dev.pleat.core.PleatException;
import dev.pleat.llm.blueprint.Blueprint;
import dev.pleat.llm.blueprint.Layer;
import dev.pleat.llm.graph.ModelSection;
import dev.pleat.onnx.run.HeldOutputs;
import dev.pleat.onnx.run.TensorValue;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A whole model in memory. Weights that are not stored as 32-bit floats are converted when it is
 * opened. Not for use by several threads at once.
 */
public final class LanguageModel implements AutoCloseable {
  private final Blueprint blueprint;
  private final OpenPart body;
  private final OpenPart head;
  private final Map<String, String> cache = new LinkedHashMap<>();

  private LanguageModel(Blueprint blueprint, OpenPart body, OpenPart head) {
    this.blueprint = blueprint;
    this.body = body;
    this.head = head;
    for (int i = 0; i < blueprint.layers().size(); i++) {
      cache.put(ModelSection.presentKeys(i), ModelSection.pastKeys(i));
      cache.put(ModelSection.presentValues(i), ModelSection.pastValues(i));
    }
  }

  /**
   * Opens a model.
   *
   * @param threads threads that it may use, at least 1
   * @throws PleatException when it predicts no tokens, or ONNX Runtime does not load it
   */
  public static LanguageModel open(Model model, int threads) {
    model.requireHead();
    int layers = model.blueprint().layers().size();
    OpenPart body =
        new OpenPart(model, new ModelSection(true, 0, layers, false, true, Set.of()), threads);
    try {
      OpenPart head =
          new OpenPart(
              model, new ModelSection(false, layers, layers, true, false, Set.of()), threads);
      return new LanguageModel(model.blueprint(), body, head);
    } catch (RuntimeException e) {
      body.close();
      throw e;
    }
  }

  /** Number of different tokens. */
  public int vocabulary() {
    return blueprint.vocabulary();
  }

  /** Most positions that it was made for. */
  public int context() {
    return blueprint.context();
  }

  /**
   * The last hidden states, to be turned into logits piece by piece.
   *
   * @throws PleatException when a token is none of the vocabulary's
   */
  public HiddenStates read(Batch batch) {
    try (HeldOutputs outputs = start(batch)) {
      return hidden(outputs);
    }
  }

  private HeldOutputs start(Batch batch) {
    Map<String, TensorValue> inputs = inputs(batch, 0);
    for (int i = 0; i < blueprint.layers().size(); i++) {
      TensorValue empty = empty(blueprint.layers().get(i), batch.sequences());
      inputs.put(ModelSection.pastKeys(i), empty);
      inputs.put(ModelSection.pastValues(i), empty);
    }
    return body.session().hold(inputs, List.of());
  }

  private static TensorValue empty(Layer layer, int sequences) {
    return new TensorValue.Floats(
        new long[] {sequences, layer.attention().groups(), 0, layer.attention().headDim()},
        new float[0]);
  }

  private Map<String, TensorValue> inputs(Batch batch, int past) {
    for (int[] row : batch.tokens()) {
      for (int token : row) {
        if (token < 0 || token >= blueprint.vocabulary()) {
          throw new PleatException(
              "token %d is none of the model's %d; the tokenizer is another model's"
                  .formatted(token, blueprint.vocabulary()));
        }
      }
    }
    Map<String, TensorValue> inputs = new LinkedHashMap<>();
    inputs.put(ModelSection.TOKENS, batch.ids());
    inputs.put(ModelSection.POSITIONS, batch.positions(past));
    return inputs;
  }

  private static HiddenStates hidden(HeldOutputs outputs) {
    return HiddenStates.of(outputs.value(ModelSection.HIDDEN_OUT), ModelSection.HIDDEN_OUT);
  }

  /**
   * The logits of some rows of hidden states.
   *
   * @return [rows, vocabulary], row-major
   */
  public float[] logits(HiddenStates states, int from, int rows) {
    int width = states.width();
    TensorValue piece =
        new TensorValue.Floats(
            new long[] {rows, width},
            Arrays.copyOfRange(states.values(), from * width, (from + rows) * width));
    return HiddenStates.of(
            head.session().run(Map.of(ModelSection.HIDDEN, piece)), ModelSection.LOGITS)
        .values();
  }

  /**
   * Begins one text that may go on in several ways.
   *
   * @param tokens none for a text of which nothing is known yet
   */
  public Reading begin(int[] tokens) {
    Optional<HeldOutputs> held =
        tokens.length == 0 ? Optional.empty() : Optional.of(start(new Batch(new int[][] {tokens})));
    return new Reading(this, held, tokens.length);
  }

  Reading goOn(Reading begun, int[] tokens) {
    if (begun.held().isEmpty()) {
      return begin(tokens);
    }
    Map<String, TensorValue> inputs = inputs(new Batch(new int[][] {tokens}), begun.length());
    HeldOutputs next = body.session().hold(inputs, List.of(begun.held().get().as(cache)));
    return new Reading(this, Optional.of(next), begun.length() + tokens.length);
  }

  /**
   * The last hidden states of several ways in which a text goes on.
   *
   * @param rest [ways][length], every length the same and at least 1
   * @return [ways × length] rows
   */
  public HiddenStates read(Reading begun, int[][] rest) {
    if (begun.held().isEmpty()) {
      return read(new Batch(rest));
    }
    Map<String, TensorValue> inputs = inputs(new Batch(rest), begun.length());
    inputs.putAll(begun.repeated(cache, rest.length));
    try (HeldOutputs outputs = body.session().hold(inputs, List.of())) {
      return hidden(outputs);
    }
  }

  /**
   * Begins sequences that grow token by token.
   *
   * @param prompts what they begin with
   */
  public Decoding decode(Batch prompts) {
    return new Decoding(prompts);
  }

  /** Sequences that grow; keys and values of what was read are kept. */
  public final class Decoding implements AutoCloseable {
    private final int sequences;
    private HeldOutputs last;
    private int past;

    private Decoding(Batch prompts) {
      sequences = prompts.sequences();
      past = prompts.length();
      last = start(prompts);
    }

    /** The logits of the next token of each sequence, [sequences, vocabulary], row-major. */
    public float[] logits() {
      return LanguageModel.this.logits(hidden(last).lastOf(sequences), 0, sequences);
    }

    /** Adds one token to each sequence. */
    public void add(int[] tokens) {
      Batch batch =
          new Batch(Arrays.stream(tokens).mapToObj(t -> new int[] {t}).toArray(int[][]::new));
      HeldOutputs next = body.session().hold(inputs(batch, past), List.of(last.as(cache)));
      last.close();
      last = next;
      past++;
    }

    @Override
    public void close() {
      last.close();
    }
  }

  @Override
  public void close() {
    body.close();
    head.close();
  }
}
