package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.data.ChosenInputs;
import dev.pleat.onnx.data.HeldOutSplit;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.quality.Judge;
import dev.pleat.onnx.quality.Judgement;
import dev.pleat.onnx.repair.GeneratedCalibration;
import dev.pleat.onnx.repair.RepairPlan;
import dev.pleat.onnx.walk.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inputs of a fold in two parts: what its repair is fitted to, and what judges it.
 *
 * @param fitted inputs of the repair, where it runs the network
 * @param judges one for each kind of inputs, first what was held out
 * @param obstacle why there are no judges, if so
 * @param caution what is to be known of the judges, empty for nothing
 */
record JudgedInputs(
    Optional<CalibrationInputs> fitted, List<Judge> judges, String obstacle, String caution)
    implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JudgedInputs.class);

  private static final String NOISE =
      "judged on noise alone, which tells little of real inputs: compare it with the original on inputs of yours";

  /** Inputs of noise. */
  private static final int OF_NOISE = 64;

  /** Deals the inputs of a plan out. */
  static JudgedInputs of(
      RepairPlan plan, OnnxModel model, Map<String, long[]> inputShapes, long seed, int threads) {
    List<CalibrationInputs> judging = new ArrayList<>();
    Optional<CalibrationInputs> fitted = plan.inputs();
    String obstacle = "";
    if (plan.inputs().isPresent()) {
      CalibrationInputs all = plan.inputs().get();
      Network network =
          new Network(model.file().toString(), model.proto(), model.file(), model.nodes());
      Optional<HeldOutSplit> split = HeldOutSplit.of(all, network.fixedBatch().orElse(1));
      fitted = split.map(HeldOutSplit::fitted).or(plan::inputs);
      split.map(HeldOutSplit::heldOut).ifPresent(judging::add);
      if (split.isEmpty()) {
        obstacle =
            "%s are too few to hold a fifth of them out (%d and more are enough)"
                .formatted(
                    all.description(),
                    Math.max(HeldOutSplit.FEWEST, 2 * network.fixedBatch().orElse(1)));
      }
    }
    String caution = "";
    if (judging.isEmpty() && plan.inputs().isEmpty()) {
      caution = NOISE;
      try {
        judging.add(GeneratedCalibration.atMost(OF_NOISE, model, inputShapes, seed, threads));
      } catch (PleatException e) {
        obstacle = String.valueOf(e.getMessage());
      }
    }
    List<Judge> judges = new ArrayList<>();
    for (CalibrationInputs inputs : judging) {
      try {
        judges.add(Judge.of(model, inputs, threads));
      } catch (PleatException e) {
        LOG.debug("the model cannot be judged on {}", inputs.description(), e);
        obstacle = String.valueOf(e.getMessage());
      }
    }
    return new JudgedInputs(fitted, judges, obstacle, caution);
  }

  /** As many of some inputs, spread over them. */
  static CalibrationInputs some(CalibrationInputs inputs, int most) {
    if (inputs.count() <= most) {
      return inputs;
    }
    int[] indices =
        IntStream.range(0, most).map(i -> (int) ((long) i * inputs.count() / most)).toArray();
    return new ChosenInputs("%d of %s".formatted(most, inputs.description()), inputs, indices);
  }

  /**
   * What was held out.
   *
   * @throws PleatException when there is nothing, with the reason
   */
  CalibrationInputs held() {
    if (judges.isEmpty()) {
      throw new PleatException(obstacle);
    }
    return judges.getFirst().inputs();
  }

  /** What all judges see of a folded model. */
  List<Judgement> judge(ModelProto folded, Progress progress) {
    return judges.stream().map(judge -> judge.judge(folded, progress)).toList();
  }

  @Override
  public void close() {
    judges.forEach(Judge::close);
  }
}
