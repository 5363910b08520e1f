package dev.pleat.onnx.invert;

import dev.pleat.onnx.run.TensorValue;
import java.util.List;

/**
 * Made inputs.
 *
 * @param input the name of the model's input that they fill
 * @param images all of them, in the input's own shape with their number as the first axis, in the
 *     scale that the network was trained on
 * @param labels the class that each was made for; empty where the network is no classifier
 * @param losses the loss of every step, for each batch
 * @param diverged whether the optimisation of a batch was stopped because its loss grew or was no
 *     number; its best images so far are kept
 */
public record Inverted(
    String input,
    TensorValue.Floats images,
    List<Integer> labels,
    List<List<LossTerms>> losses,
    boolean diverged) {

  /** Copies the lists. */
  public Inverted {
    labels = List.copyOf(labels);
    losses = losses.stream().map(List::copyOf).toList();
  }
}
