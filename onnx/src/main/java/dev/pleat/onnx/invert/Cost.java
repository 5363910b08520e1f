package dev.pleat.onnx.invert;

import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.size.Sizes;
import dev.pleat.onnx.trace.Trace;
import java.util.Map;

/**
 * What a step costs, from shapes alone so that it is the same on every machine.
 *
 * @param flops operations of one step, forward and backward; 0 where they cannot be counted
 * @param bytes what one step keeps in memory, roughly
 */
public record Cost(double flops, double bytes) {
  /** Forward once and backward twice, as the rule of thumb goes. */
  private static final double PASSES = 3;

  private static final double FLOPS_PER_PRODUCT = 2 * PASSES;

  /**
   * What both passes keep for each value that a weight makes: itself, normalised, activated, and
   * their gradients.
   */
  private static final double COPIES = 8;

  /**
   * The cost of one step on inputs of these shapes.
   *
   * @param shapes of the inputs
   */
  public static Cost of(OnnxModel model, Map<String, long[]> shapes) {
    Trace trace = Trace.of(model, Sizes.declared(shapes));
    double products = 0;
    double made = 0;
    for (Map.Entry<String, Long> work : trace.work().orElse(Map.of()).entrySet()) {
      var weight = trace.use(work.getKey()).constant();
      products += (double) work.getValue() * weight.elements();
      made += (double) work.getValue() * weight.shape()[0];
    }
    return new Cost(products * FLOPS_PER_PRODUCT, made * Float.BYTES * COPIES);
  }

  /** Operations of running the network alone. */
  public double forwardFlops() {
    return flops / PASSES;
  }

  /** The share of one image. */
  public Cost dividedBy(int images) {
    return new Cost(flops / images, bytes / images);
  }
}
