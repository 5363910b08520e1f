package dev.pleat.onnx.repair;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.Agreement;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.eval.AgreementTally;
import dev.pleat.onnx.eval.Rows;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.trace.Trace;
import dev.pleat.onnx.walk.Batching;
import dev.pleat.onnx.walk.Network;
import dev.pleat.onnx.walk.NetworkRun;
import dev.pleat.onnx.walk.Weights;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One walk through the original and the folded network, side by side on the same inputs. At each
 * station the folded network is brought as near to the original as its own activations allow before
 * the walk goes on, so that every layer is repaired for what it will really read.
 */
public final class SequentialRepair {
  private final FoldedModel model;
  private final NetworkRun original;
  private final NetworkRun folded;
  private final StatisticsMatch statistics;
  private final Map<Integer, VarianceRatios> ratios = new TreeMap<>();

  /**
   * What a repair gives beside the tensors.
   *
   * @param trace the trace, with a use of its own for each constant that was shared and no longer
   *     is
   * @param ratios variance ratios by group, for the groups where they were measured
   * @param agreement of the outputs on the inputs of the repair
   */
  public record Outcome(Trace trace, Map<Integer, VarianceRatios> ratios, Agreement agreement) {}

  private SequentialRepair(FoldedModel model, NetworkRun original, NetworkRun folded) {
    this.model = model;
    this.original = original;
    this.folded = folded;
    this.statistics = new StatisticsMatch(model.tensors(), original, folded);
  }

  /**
   * Repairs the folded tensors in place.
   *
   * @param fit whether the layers that read channels are fitted by least squares, too
   * @param threads threads to use; the result depends on them no more than the runtime's does
   * @throws PleatException when the inputs are too few or do not fit, an activation is not finite,
   *     or the network cannot be run in parts
   */
  public static Outcome run(
      FoldedModel model, CalibrationInputs inputs, boolean fit, int threads, Progress progress) {
    OnnxModel file = model.original();
    Network original = new Network(file.file().toString(), file.proto(), file.file(), file.nodes());
    Stations stations = new Stations(original, model.trace(), model.clusterings());
    Trace separated = model.trace().with(stations.separated());
    stations
        .sharedWith()
        .forEach((name, use) -> model.tensors().write(name, model.tensors().read(use)));
    // Constants that the rewriting added come first; the walk reads weights from the store instead.
    List<NodeProto> all = model.proto().getGraph().getNodeList();
    List<NodeProto> nodes = all.subList(all.size() - file.nodes().size(), all.size());
    Network network = new Network("the folded " + file.file(), model.proto(), file.file(), nodes);
    Batching batching = Batching.of(original, inputs);
    try (NetworkRun a = new NetworkRun(original, new Weights(), inputs, batching, threads);
        NetworkRun b =
            new NetworkRun(
                network, weights(separated, model.tensors()), inputs, batching, threads)) {
      SequentialRepair repair = new SequentialRepair(model, a, b);
      repair.walk(stations.inOrder(), fit, progress);
      repair.advance(file.nodes().size());
      return new Outcome(separated, repair.ratios, repair.agreement());
    }
  }

  /** The folded network reads its weights from the store as they are when a layer runs. */
  private static Weights weights(Trace trace, TensorOverlay tensors) {
    Weights weights = new Weights();
    Set<String> written = tensors.written();
    trace
        .uses()
        .forEach((name, use) -> {
          if (written.contains(name)) {
            weights.set(
                use.edge().node(),
                use.edge().input(),
                () -> TensorEncoder.floats(use.constant(), "folded:" + name, tensors.read(name)));
          }
        });
    return weights;
  }

  private void walk(List<Station> stations, boolean fit, Progress progress) {
    progress.begin("repair", stations.size());
    for (Station station : stations) {
      switch (station) {
        case Station.Consumer consumer -> {
          if (fit) {
            advance(consumer.node());
            fit(consumer);
          }
        }
        case Station.Statistics normalization -> {
          // The original need not stop here, and runs fastest in one piece.
          folded.advance(normalization.node());
          add(statistics.match(normalization));
        }
        case Station.Bias bias -> {
          advance(bias.node() + 1);
          Map<Integer, VarianceRatios> matched = statistics.match(bias);
          if (bias.weight().isPresent()) {
            add(matched);
          }
        }
      }
      progress.step();
    }
  }

  private void advance(int node) {
    original.advance(node);
    folded.advance(node);
  }

  private void fit(Station.Consumer station) {
    Tensor unread = model.unread().read(station.weight());
    Tensor mixed = new ConsumerFit(station, original, folded).fit(unread);
    NodeProto node = original.network().nodes().get(station.node());
    Tensor fitted =
        Patches.of(node, mixed.shape())
            .map(patches -> new KernelFit(station, patches, original, folded).fit(unread, mixed))
            .orElse(mixed);
    model.tensors().write(station.weight(), fitted);
  }

  private void add(Map<Integer, VarianceRatios> matched) {
    matched.forEach((group, more) -> ratios.merge(group, more, VarianceRatios::and));
  }

  private Agreement agreement() {
    AgreementTally tally = new AgreementTally();
    List<String> names = original.network().outputs();
    for (int b = 0; b < original.batches().size(); b++) {
      Map<String, TensorValue> expected = outputs(original, names, b);
      Rows rows = Rows.of(outputs(folded, names, b), Optional.empty());
      tally.add(Rows.of(expected, Optional.of(rows.name())), rows);
    }
    return tally.agreement();
  }

  private static Map<String, TensorValue> outputs(NetworkRun run, List<String> names, int batch) {
    Map<String, TensorValue> outputs = new LinkedHashMap<>();
    names.forEach(name -> outputs.put(name, run.value(batch, name)));
    return outputs;
  }
}
