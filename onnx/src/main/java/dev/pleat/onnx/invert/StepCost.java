package dev.pleat.onnx.invert;

import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.prepare.Preparation;
import dev.pleat.onnx.size.SizeProbe;
import dev.pleat.onnx.size.Sizes;
import dev.pleat.onnx.trace.Trace;
import java.util.Map;

/**
 * What a step costs, from shapes alone so that it is the same on every machine.
 *
 * @param flops operations of one step, forward and backward; 0 where they cannot be counted
 * @param bytes what one step keeps in memory, roughly
 */
public record StepCost(double flops, double bytes) {
  /** Forward once and backward twice, as the rule of thumb goes. */
  private static final double PASSES = 3;

  private static final double FLOPS_PER_PRODUCT = 2 * PASSES;

  /**
   * What both passes keep for each value that a weight makes: itself, normalised, activated, and
   * their gradients.
   */
  private static final double COPIES = 8;

  /**
   * Operations in the time that a byte takes to go to memory and back, seen on two networks of
   * plain and one of depthwise convolutions: a depthwise one is a tenth as fast as it counts.
   */
  private static final double OPERATIONS_PER_BYTE = 70;

  /**
   * The cost of one step on inputs of these shapes. Sizes that the file does not tell are seen in a
   * run, and weights that it computes are computed: an export that does both would look free.
   *
   * @param shapes of the inputs
   * @param threads threads that a run may use, at least 1
   */
  public static StepCost of(OnnxModel model, Map<String, long[]> shapes, int threads) {
    Sizes sizes = SizeProbe.observe(model, shapes, threads);
    return of(Trace.of(Preparation.of(model, sizes, threads), sizes));
  }

  /** The cost of one step on inputs of the sizes that a network was traced at. */
  public static StepCost of(Trace trace) {
    double products = 0;
    double made = 0;
    for (Map.Entry<String, Long> work : trace.work().orElse(Map.of()).entrySet()) {
      var weight = trace.use(work.getKey()).constant();
      products += (double) work.getValue() * weight.elements();
      made += (double) work.getValue() * weight.shape()[0];
    }
    return new StepCost(products * FLOPS_PER_PRODUCT, made * Float.BYTES * COPIES);
  }

  /**
   * What a step takes, in operations, with those that its memory costs: on two usual cores about
   * 2.4e11 in a second. 0 where it cannot be counted.
   */
  double work() {
    return flops + OPERATIONS_PER_BYTE * bytes;
  }

  /** What running the network alone takes, in the unit of {@link #work()}. */
  public double forwardWork() {
    return work() / PASSES;
  }

  /** Operations of running the network alone. */
  public double forwardFlops() {
    return flops / PASSES;
  }

  /** The share of one image. */
  public StepCost dividedBy(int images) {
    return new StepCost(flops / images, bytes / images);
  }
}
