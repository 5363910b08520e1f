package dev.pleat.onnx.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Activity;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Strategy;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.repair.ChannelActivity;
import dev.pleat.onnx.request.InputSource;
import dev.pleat.onnx.text.TokenInputs;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the channels of each group do on the inputs of the repair, where the method or the fit asks
 * for it. The network is run for it once, by the first that needs it. A fit asks for it on real
 * inputs alone: channels that are silent on inputs that were drawn or optimised may be the ones
 * that real inputs need, and their means keep something of them.
 */
final class KnownActivity {
  private static final Logger LOG = LoggerFactory.getLogger(KnownActivity.class);

  private final TracedModel traced;
  private final Strategy strategy;
  private final Optional<CalibrationInputs> inputs;
  private final boolean real;
  private final int threads;
  private Optional<Activity> found = Optional.empty();

  /**
   * Nothing is run yet.
   *
   * @param source where the inputs are from; text is real, whoever reads it
   */
  KnownActivity(
      TracedModel traced,
      Strategy strategy,
      Optional<CalibrationInputs> inputs,
      InputSource source,
      int threads) {
    this.traced = traced;
    this.strategy = strategy;
    this.inputs = inputs;
    this.real = !(source instanceof InputSource.Made) || TokenInputs.areAllOf(traced.model());
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
                "--method zip compares what channels do on inputs: use --repair least-squares,"
                    + " inversion or data")));
  }

  private Activity wanted() {
    if (strategy.eliminates() && inputs.isPresent() && real) {
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
        TokenInputs.areAllOf(traced.model()));
  }
}
