package dev.pleat.onnx.repair;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.trace.Trace;
import dev.pleat.onnx.walk.Batching;
import dev.pleat.onnx.walk.Network;
import dev.pleat.onnx.walk.NetworkRun;
import dev.pleat.onnx.walk.WeightOverrides;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
   */
  public record Outcome(Trace trace, Map<Integer, VarianceRatios> ratios) {}

  /** How much of the network is repaired. */
  public enum Scope {
    /** Everything, and every weight of a kernel by itself. */
    ALL,
    /** What makes or reads channels that were folded, kernels as a whole; to judge a fold by. */
    NARROWED
  }

  private SequentialRepair(FoldedModel model, NetworkRun original, NetworkRun folded) {
    this.model = model;
    this.original = original;
    this.folded = folded;
    this.statistics = new StatisticsMatch(model.weights(), model.tensors(), original, folded);
  }

  /**
   * Repairs the folded tensors in place.
   *
   * @param fit whether the layers that read channels are fitted by least squares, too
   * @param scope how much is repaired
   * @param threads threads to use; the result depends on them no more than the runtime's does
   * @throws PleatException when the inputs are too few or do not fit, an activation is not finite,
   *     or the network cannot be run in parts
   */
  public static Outcome run(
      FoldedModel model,
      CalibrationInputs inputs,
      boolean fit,
      Scope scope,
      int threads,
      Progress progress) {
    OnnxModel file = model.original();
    Network original = new Network(file.file().toString(), file.proto(), file.file(), file.nodes());
    Stations stations = new Stations(original, model.trace(), model.clusterings());
    Trace separated = model.trace().with(stations.separated());
    stations
        .sharedWith()
        .forEach((name, use) -> model.tensors().write(name, model.tensors().read(use)));
    Network network = model.network();
    Batching batching = Batching.of(original, inputs);
    try (NetworkRun a = new NetworkRun(original, new WeightOverrides(), inputs, batching, threads);
        NetworkRun b =
            new NetworkRun(
                network,
                weights(separated, model.tensors(), stations),
                inputs,
                batching,
                threads)) {
      SequentialRepair repair = new SequentialRepair(model, a, b);
      List<Station> walked =
          stations.inOrder().stream()
              .filter(station -> fit || !(station instanceof Station.Consumer))
              .filter(station -> scope == Scope.ALL || station.isNarrowed())
              .toList();
      repair.walk(walked, fit, scope == Scope.ALL, progress);
      return new Outcome(separated, repair.ratios);
    }
  }

  /**
   * The folded network reads from the store, as it is when a layer runs, what folding changed and
   * what the walk may change: layers around groups that kept their width are fitted, too.
   */
  private static WeightOverrides weights(Trace trace, TensorOverlay tensors, Stations stations) {
    WeightOverrides weights = new WeightOverrides();
    Set<String> changing = new HashSet<>(tensors.written());
    stations.inOrder().forEach(station -> changing.addAll(station.changes()));
    trace
        .uses()
        .forEach((name, use) -> {
          if (changing.contains(name)) {
            weights.set(
                use.edge().node(),
                use.edge().input(),
                () -> TensorEncoder.floats(use.constant(), "folded:" + name, tensors.read(name)));
          }
        });
    return weights;
  }

  private void walk(List<Station> stations, boolean fit, boolean kernels, Progress progress) {
    Steps steps = new Steps(stations.size(), 2 * original.batches().size() + 1, progress);
    for (Station station : stations) {
      switch (station) {
        case Station.Consumer consumer -> {
          advance(consumer.node(), steps);
          fit(consumer, kernels);
        }
        case Station.Statistics normalization -> {
          if (fit) {
            advance(normalization.node(), steps);
            add(statistics.matchOriginal(normalization));
          } else {
            // The original need not stop here, and runs fastest in one piece.
            folded.advance(normalization.node(), steps::step);
            add(statistics.reset(normalization));
          }
        }
        case Station.Bias bias -> {
          advance(bias.node() + 1, steps);
          Map<Integer, VarianceRatios> matched = statistics.match(bias);
          if (bias.weight().isPresent()) {
            add(matched);
          }
        }
      }
      steps.arrived();
    }
  }

  /** Steps of a walk, of which a station between large layers has many. */
  private static final class Steps {
    private final int each;
    private final Progress progress;
    private int left;

    Steps(int stations, int each, Progress progress) {
      this.each = each;
      this.progress = progress;
      this.left = each;
      progress.begin("repair", Math.multiplyExact(stations, each));
    }

    /** A batch went through the layers before a station. */
    void step() {
      left--;
      progress.step();
    }

    /** All is done at a station, to which some batches may not have had to go. */
    void arrived() {
      while (left > 0) {
        step();
      }
      left = each;
    }
  }

  private void advance(int node, Steps steps) {
    original.advance(node, steps::step);
    folded.advance(node, steps::step);
  }

  private void fit(Station.Consumer station, boolean kernels) {
    Tensor unread = model.unread().read(station.weight());
    Tensor mixed = new ConsumerFit(station, original, folded).fit(unread);
    NodeProto node = original.network().nodes().get(station.node());
    Tensor fitted =
        Patches.of(node, mixed.shape())
            .filter(patches -> kernels && readsItself(node, station.weight()))
            .map(patches -> new KernelFit(station, patches, original, folded).fit(unread, mixed))
            .orElse(mixed);
    model.tensors().write(station.weight(), fitted);
  }

  /** Whether a node's weight is the constant itself, not a view of it that has other axes. */
  private boolean readsItself(NodeProto node, String weight) {
    return node.getInputList().contains(model.trace().use(weight).constant().name());
  }

  private void add(Map<Integer, VarianceRatios> matched) {
    matched.forEach((group, more) -> ratios.merge(group, more, VarianceRatios::and));
  }
}
