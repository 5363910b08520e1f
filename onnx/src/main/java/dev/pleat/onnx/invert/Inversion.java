package dev.pleat.onnx.invert;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.model.OnnxModel;

/**
 * Makes inputs for a network without data, from the statistics that its batch normalisations hold
 * (Yin et al., "Dreaming to Distill", CVPR 2020, arXiv 1912.08795).
 */
public final class Inversion {
  private Inversion() {}

  /**
   * Makes inputs. The same model, options and seed give the same bytes at any number of threads.
   *
   * @throws PleatException when the model has no batch normalisation with statistics, has several
   *     inputs or one that is not floating point, has an operator without a gradient on the way,
   *     does not run, or gives values that are no numbers
   */
  public static Inverted run(OnnxModel model, InversionOptions options, Progress progress) {
    throw new PleatException("%s: inversion is not there yet".formatted(model.file()));
  }
}
