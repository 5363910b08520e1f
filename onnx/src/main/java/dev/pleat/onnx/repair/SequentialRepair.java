package dev.pleat.onnx.repair;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.Agreement;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.eval.AgreementTally;
import dev.pleat.onnx.eval.Rows;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.trace.Trace;
import dev.pleat.onnx.trace.Use;
import dev.pleat.onnx.walk.Network;
import dev.pleat.onnx.walk.NetworkRun;
import dev.pleat.onnx.walk.Weights;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * One walk through the original and the folded network, side by side on the same inputs. At each
 * station the folded network is brought as near to the original as its own inputs allow before the
 * walk goes on, so that every layer is repaired for what it will really read.
 */
public final class SequentialRepair {
  private final TensorOverlay tensors;
  private final TensorOverlay unread;
  private final NetworkRun original;
  private final NetworkRun folded;
  private final StatisticsMatch statistics;
  private final Map<Integer, double[]> ratios = new TreeMap<>();

  /**
   * What the walk changed beside the tensors.
   *
   * @param trace the trace, with a use of its own for each constant that was shared and no longer
   *     is
   * @param ratios variance ratio before and after repair by group, mean over its channels
   * @param agreement of the outputs on the inputs of the repair
   */
  public record Outcome(Trace trace, Map<Integer, double[]> ratios, Agreement agreement) {}

  private SequentialRepair(
      TensorStore source,
      TensorOverlay tensors,
      TensorOverlay unread,
      NetworkRun original,
      NetworkRun folded) {
    this.tensors = tensors;
    this.unread = unread;
    this.original = original;
    this.folded = folded;
    this.statistics = new StatisticsMatch(source, tensors, original, folded);
  }

  /**
   * Repairs folded tensors in place.
   *
   * @param source the original's tensors by use
   * @param clusterings one for each group of the trace
   * @param proto the folded model, for its nodes and sizes
   * @param tensors the folded tensors by use
   * @param unread the same with the axes that read channels not merged
   * @param fit whether consumers are fitted, too
   * @param batch inputs in one run
   */
  public static Outcome run(
      OnnxModel model,
      Trace trace,
      TensorStore source,
      List<Clustering> clusterings,
      ModelProto proto,
      TensorOverlay tensors,
      TensorOverlay unread,
      CalibrationInputs inputs,
      boolean fit,
      int batch,
      int threads,
      Progress progress) {
    Network original =
        new Network(model.file().toString(), model.proto(), model.file(), model.nodes());
    Stations stations = new Stations(original, trace, clusterings);
    Trace separated = trace.with(stations.separated());
    TensorOverlay separatedSource = new TensorOverlay(source);
    stations
        .sharedWith()
        .forEach((name, use) -> {
          tensors.write(name, tensors.read(use));
          separatedSource.write(name, source.read(use));
        });
    List<NodeProto> all = proto.getGraph().getNodeList();
    // Constants that the rewriting added come first; the walk reads weights from the store instead.
    List<NodeProto> nodes = all.subList(all.size() - model.nodes().size(), all.size());
    Network network = new Network("the folded model", proto, model.file(), nodes);
    Weights weights = new Weights();
    separated
        .uses()
        .forEach((name, use) -> {
          if (tensors.written().contains(name)) {
            weights.set(use.edge().node(), use.edge().input(), () -> encoded(use, name, tensors));
          }
        });
    try (NetworkRun a = new NetworkRun(original, new Weights(), inputs, batch, threads);
        NetworkRun b = new NetworkRun(network, weights, inputs, batch, threads)) {
      SequentialRepair repair = new SequentialRepair(separatedSource, tensors, unread, a, b);
      repair.walk(stations.inOrder(), fit, progress);
      repair.advance(model.nodes().size());
      Map<Integer, double[]> means = new TreeMap<>();
      repair.ratios.forEach(
          (group, sums) -> means.put(group, new double[] {sums[0] / sums[2], sums[1] / sums[2]}));
      return new Outcome(separated, means, repair.agreement());
    }
  }

  private static ai.onnx.proto.OnnxMl.TensorProto encoded(
      Use use, String name, TensorOverlay tensors) {
    return TensorEncoder.floats(use.constant(), "folded:" + name, tensors.read(name));
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
          advance(normalization.node());
          add(normalization.group(), statistics.match(normalization));
        }
        case Station.Bias bias -> {
          advance(bias.node() + 1);
          StatisticsMatch.Ratios matched = statistics.match(bias);
          if (bias.weight().isPresent()) {
            add(bias.group(), matched);
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
    Tensor weight = unread.read(station.weight());
    Tensor mixed = new ConsumerFit(station, original, folded).fit(weight);
    NodeProto node = original.network().nodes().get(station.node());
    Tensor fitted =
        Patches.of(node, mixed.shape())
            .map(patches -> new KernelFit(station, patches, original, folded).fit(weight, mixed))
            .orElse(mixed);
    tensors.write(station.weight(), fitted);
  }

  private void add(OptionalInt group, StatisticsMatch.Ratios matched) {
    group.ifPresent(g -> {
      double[] sums = ratios.computeIfAbsent(g, key -> new double[3]);
      sums[0] += matched.before();
      sums[1] += matched.after();
      sums[2]++;
    });
  }

  private Agreement agreement() {
    AgreementTally tally = new AgreementTally();
    List<String> names = original.network().outputs();
    for (int b = 0; b < original.batches().size(); b++) {
      Map<String, TensorValue> expected = outputs(original, names, b);
      Map<String, TensorValue> actual = outputs(folded, names, b);
      Rows rows = Rows.of(actual, Optional.empty());
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
