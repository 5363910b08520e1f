package dev.pleat.onnx.repair;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.OnnxModel;

/** What fitting the kernels of a network takes, beside running it. */
public final class FitWork {
  /**
   * Operations, in the unit of {@link dev.pleat.onnx.invert.StepCost#work()}, that a product of
   * second moments in double takes with all that is around it: seen on a detector of 3 M
   * parameters.
   */
  private static final double OPERATIONS_PER_PRODUCT = 4;

  private FitWork() {}

  /** Of all plain convolutions with kernels of more than one place; see {@link KernelFit}. */
  public static double of(OnnxModel model) {
    double products = 0;
    for (NodeProto node : model.nodes()) {
      Constant weight = node.getInputCount() > 1 ? model.constants().get(node.getInput(1)) : null;
      if (weight == null || weight.shape().length < 3) {
        continue;
      }
      int[] shape = weight.shape();
      products +=
          Patches.of(node, shape)
              .map(patches -> KernelFit.products(shape[0], shape[1] * patches.size()))
              .orElse(0.0);
    }
    return products * OPERATIONS_PER_PRODUCT;
  }
}
