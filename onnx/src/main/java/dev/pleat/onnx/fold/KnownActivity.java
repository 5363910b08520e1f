package dev.pleat.onnx.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Activity;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Strategy;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.repair.ChannelActivity;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the channels of each group do on the inputs of the repair, where the method or the fit asks
 * for it. The network is run for it once, by the first that needs it.
 */
final class KnownActivity {
  private static final Logger LOG = LoggerFactory.getLogger(KnownActivity.class);

  private final TracedModel traced;
  private final Strategy strategy;
  private final Optional<CalibrationInputs> inputs;
  private final int threads;
  private Optional<Activity> found = Optional.empty();

  KnownActivity(
      TracedModel traced, Strategy strategy, Optional<CalibrationInputs> inputs, int threads) {
    this.traced = traced;
    this.strategy = strategy;
    this.inputs = inputs;
    this.threads = threads;
  }

  /**
   * What is known.
   *
   * @throws PleatException when the method needs it and it cannot be had
   */
  synchronized Activity get() {
    if (found.isEmpty()) {
      found = Optional.of(strategy.method() == Method.ZIP ? needed() : wanted());
    }
    return found.get();
  }

  private Activity needed() {
    return measured(
        inputs.orElseThrow(() ->
            new PleatException(
                "--method zip compares what channels do on inputs: use --repair least-squares, inversion or data")));
  }

  private Activity wanted() {
    if (strategy.networks() == 1
        && strategy.method() == Method.FOLD
        && strategy.repair() == Repair.LEAST_SQUARES
        && inputs.isPresent()) {
      try {
        return measured(inputs.get());
      } catch (PleatException e) {
        LOG.debug("channels are compared by their weights alone", e);
      }
    }
    return Activity.unknown(traced.groups().size());
  }

  private Activity measured(CalibrationInputs on) {
    return new Activity(
        ChannelActivity.of(traced.model(), traced.trace(), on, threads),
        traced.model().readsTokensAlone() ? Double.POSITIVE_INFINITY : Activity.CLEAR);
  }
}
