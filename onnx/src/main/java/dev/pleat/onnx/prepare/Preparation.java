package dev.pleat.onnx.prepare;

import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.size.Sizes;

/** All rewritings, in order. */
public final class Preparation {
  private Preparation() {}

  /**
   * A model that gives the same outputs bit for bit; the model itself when there is nothing to
   * rewrite.
   *
   * @param sizes what is known of the sizes of its values
   * @param threads threads that a run may use, at least 1
   * @throws dev.pleat.core.PleatException when ONNX Runtime cannot compute a constant weight
   */
  public static OnnxModel of(OnnxModel model, Sizes sizes, int threads) {
    OnnxModel plain = ZeroStates.omitted(ComputedWeights.made(model, threads));
    return Directions.apart(Shuffles.gathered(plain, sizes), sizes);
  }
}
