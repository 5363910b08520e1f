package dev.pleat.onnx.walk;

import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.PleatException;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.run.HeldOutputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * A network on its way through all inputs: every node runs once on each batch, whenever the walk
 * reaches it. Activations that are still to be read are kept.
 */
public final class NetworkRun implements AutoCloseable {
  private final Network network;
  private final WeightOverrides weights;
  private final CalibrationInputs inputs;
  private final List<Batch> batches;
  private final int threads;
  private final ActivationStore store;
  private final List<Map<String, ActivationStore.Kept>> kept = new ArrayList<>();
  private final Map<String, ValueInfoProto> declared = new HashMap<>();
  private int position;

  /** The inputs {@code from} to {@code to}, excluded. */
  public record Batch(int from, int to) {
    /** How many. */
    public int size() {
      return to - from;
    }
  }

  /** Before the first node. */
  public NetworkRun(
      Network network,
      WeightOverrides weights,
      CalibrationInputs inputs,
      Batching batching,
      int threads) {
    this(
        network,
        weights,
        inputs,
        batching,
        threads,
        new ActivationStore(ActivationStore.USUAL_LIMIT));
  }

  NetworkRun(
      Network network,
      WeightOverrides weights,
      CalibrationInputs inputs,
      Batching batching,
      int threads,
      ActivationStore store) {
    this.network = network;
    this.weights = weights;
    this.inputs = inputs;
    this.threads = threads;
    this.store = store;
    List<Batch> all = new ArrayList<>();
    for (int from = 0; from < batching.count(); from += batching.size()) {
      all.add(new Batch(from, Math.min(from + batching.size(), batching.count())));
      kept.add(new HashMap<>());
    }
    this.batches = List.copyOf(all);
    network
        .proto()
        .getGraph()
        .getInputList()
        .forEach(input -> declared.put(input.getName(), input));
  }

  /** The batches, in order. */
  public List<Batch> batches() {
    return batches;
  }

  /** Threads that a run may use. */
  public int threads() {
    return threads;
  }

  /** The network that runs. */
  public Network network() {
    return network;
  }

  /** The same for nobody who waits. */
  public void advance(int end) {
    advance(end, () -> {});
  }

  /**
   * Runs the nodes before {@code end} that have not run yet, with the weights as they are now.
   *
   * @param ran called after each batch that ran
   * @throws PleatException when ONNX Runtime refuses them
   */
  public void advance(int end, Runnable ran) {
    if (end <= position) {
      return;
    }
    Segment segment = Segment.of(network, position, end, weights, declared);
    if (!segment.outputs().isEmpty()) {
      try (OnnxSession session = OnnxSession.open(segment.model(), network.origin(), threads)) {
        for (TensorType output : session.outputs()) {
          declared.put(output.name(), output.declaration());
        }
        for (int b = 0; b < batches.size(); b++) {
          run(session, segment, b);
          ran.run();
        }
      }
    }
    position = end;
    for (Map<String, ActivationStore.Kept> values : kept) {
      values
          .entrySet()
          .removeIf(entry -> {
            boolean done = !network.isReadFrom(entry.getKey(), end);
            if (done) {
              store.remove(entry.getValue());
            }
            return done;
          });
    }
  }

  private void run(OnnxSession session, Segment segment, int b) {
    Map<String, TensorValue> feeds = new LinkedHashMap<>();
    List<HeldOutputs> held = new ArrayList<>();
    for (String name : segment.inputs()) {
      if (kept.get(b).get(name) instanceof ActivationStore.Kept.InRuntime(HeldOutputs outputs)) {
        held.add(outputs);
      } else {
        feeds.put(name, value(b, name));
      }
    }
    try (HeldOutputs outputs = session.hold(feeds, held)) {
      for (String name : segment.outputs()) {
        HeldOutputs output =
            outputs
                .take(name)
                .orElseThrow(() ->
                    new PleatException(
                        "%s: the value '%s' is no tensor of numbers, so the network cannot be repaired on inputs; use --repair approximate or none"
                            .formatted(network.name(), name)));
        replace(b, name, store.put(output));
      }
    }
  }

  /** An activation that some node has yet to read. */
  public TensorValue value(int batch, String name) {
    ActivationStore.Kept value = kept.get(batch).get(name);
    if (value != null) {
      return store.get(value);
    }
    Batch range = batches.get(batch);
    TensorValue input = inputs.batch(range.from(), range.to()).get(name);
    if (input == null) {
      throw new PleatException(
          "%s gives no value for the input '%s' of %s"
              .formatted(inputs.description(), name, network.name()));
    }
    return input;
  }

  /** An activation of every batch, by number. */
  public IntFunction<TensorValue> values(String name) {
    return batch -> value(batch, name);
  }

  /** Replaces an activation before the nodes that read it run. */
  public void put(int batch, String name, TensorValue value) {
    replace(batch, name, store.put(value));
  }

  private void replace(int batch, String name, ActivationStore.Kept value) {
    ActivationStore.Kept before = kept.get(batch).put(name, value);
    if (before != null) {
      store.remove(before);
    }
  }

  @Override
  public void close() {
    kept.forEach(values -> values.values().forEach(store::remove));
    store.close();
  }
}
