package dev.pleat.onnx.invert;

import dev.pleat.onnx.run.TensorValue;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Made inputs.
 *
 * @param input the name of the model's input that they fill
 * @param images all of them, in the input's own shape with their number as the first axis, in the
 *     scale that the network was trained on
 * @param labels the class that each was made for; empty where the network is no classifier
 * @param recognised share of them that the network takes for that class; empty where it is none
 * @param layers how well they reproduce the statistics, in the order of the network
 * @param losses the loss of every step, for each batch
 * @param diverged whether the optimisation of a batch was stopped because its loss grew or was no
 *     number; its best images so far are kept
 * @param reason why so many in so many batches and steps, for people
 */
public record Inverted(
    String input,
    TensorValue.Floats images,
    List<Integer> labels,
    OptionalDouble recognised,
    List<LayerMatch> layers,
    List<List<LossTerms>> losses,
    boolean diverged,
    String reason) {

  /** Copies the lists. */
  public Inverted {
    labels = List.copyOf(labels);
    layers = List.copyOf(layers);
    losses = losses.stream().map(List::copyOf).toList();
  }
}
