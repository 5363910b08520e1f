package dev.pleat.llm.fold;

import dev.pleat.core.budget.Damage;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Target;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.architecture.ConfigField;
import dev.pleat.llm.repair.FoldProbe;
import dev.pleat.llm.repair.LayerElimination;
import dev.pleat.llm.repair.RepairWalk;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shares a budget of parameters out among layers and neurons. No layer, as many as a third of the
 * budget is worth, and as two thirds are, go, and neurons for the rest; each of the three is tried
 * in full on some of the text ({@link FoldProbe}).
 */
final class BudgetShares {
  private static final Logger LOG = LoggerFactory.getLogger(BudgetShares.class);

  private final CheckpointFoldRequest request;
  private final OpenModel model;
  private final CheckpointRepair repair;
  private final CheckpointRepair.Inputs inputs;
  private final int layers;

  /**
   * A choice to make.
   *
   * @param repair has inputs
   */
  BudgetShares(CheckpointFoldRequest request, OpenModel model, CheckpointRepair repair) {
    this.request = request;
    this.model = model;
    this.repair = repair;
    this.inputs = repair.inputs().orElseThrow();
    this.layers = model.facts().positive(ConfigField.LAYERS);
  }

  /**
   * The plan of the mixture that predicts best, of equal ones that of most layers.
   *
   * @param ratio share of the parameters to go
   * @throws dev.pleat.core.PleatException when the widths alone cannot meet the target
   */
  FoldPlan best(Target.Parameters ratio, Progress progress) {
    FoldPlan best = plan(List.of());
    int worth =
        layers == 1
            ? 0
            : Math.min(layers - 1, (int) (ratio.ratio() * model.parameters() / ofLayer()));
    if (worth == 0 || inputs.text().batch().sequences() < FoldProbe.FEWEST) {
      return best;
    }
    LayerElimination elimination =
        new LayerElimination(inputs.model(), inputs.text(), model.parameters(), request.threads());
    List<Integer> order = elimination.order(Math.ceilDiv(2 * worth, 3), progress).layers();
    List<Integer> counts = Stream.of(0, Math.ceilDiv(worth, 3), order.size()).distinct().toList();
    progress.begin("mixtures", counts.size() * layers);
    double least = Double.POSITIVE_INFINITY;
    StringJoiner seen = new StringJoiner(", ");
    for (int count : counts) {
      FoldPlan plan = plan(order.subList(0, count));
      double loss = loss(plan, progress);
      seen.add("%.3f without %d".formatted(Math.exp(loss), count));
      if (loss < least) {
        least = loss;
        best = plan;
      }
    }
    LOG.info("layers: perplexity of the model's own text {}", seen);
    return best;
  }

  private FoldPlan plan(List<Integer> removed) {
    return FoldPlan.of(request, model, new LayerCut(layers, removed), families -> Damage.UNKNOWN);
  }

  /** Parameters of a layer. */
  private double ofLayer() {
    LayerCut first = new LayerCut(layers, List.of(0));
    return model.checkpoint().names().stream()
        .filter(name -> first.name(name, model.facts().architecture()).isEmpty())
        .mapToLong(name -> model.checkpoint().info(name).elements())
        .sum();
  }

  private double loss(FoldPlan plan, Progress progress) {
    FoldProbe probe = new FoldProbe(inputs.model(), inputs.text(), request.threads());
    Set<Integer> removed = Set.copyOf(plan.cut().removed());
    StepFolder folder =
        new StepFolder(
            model.checkpoint(),
            repair.strategy(),
            request.options().seed(),
            Optional.of(
                new RepairWalk(
                    inputs.model(),
                    probe.fitted(),
                    removed,
                    repair.strategy(),
                    request.options().seed(),
                    request.threads(),
                    ClusterObserver.NONE)),
            request.threads(),
            ClusterObserver.NONE);
    Map<Integer, List<FoldStep>> steps =
        FoldStep.of(plan, model.checkpoint()).stream()
            .filter(step -> !step.groups().isEmpty())
            .collect(Collectors.groupingBy(FoldStep::layer));
    return probe.loss(
        removed,
        layer -> {
          Map<String, Tensor> folded = new HashMap<>();
          for (FoldStep step : steps.getOrDefault(layer, List.of())) {
            LayerTensors tensors = folder.fold(step).tensors();
            step.tensors().forEach(name -> folded.put(name, tensors.read(name)));
          }
          progress.step();
          return folded;
        });
  }
}
