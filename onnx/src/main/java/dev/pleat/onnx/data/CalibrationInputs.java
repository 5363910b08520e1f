package dev.pleat.onnx.data;

import dev.pleat.onnx.run.TensorValue;
import java.util.Map;

/** Inputs of a model without labels, in a fixed order, that can be read again and again. */
public interface CalibrationInputs {

  /** What they are, for messages, such as {@code 512 images of photos/}. */
  String description();

  /** How many there are, at least 1. */
  int count();

  /**
   * The inputs {@code from} to {@code to}, excluded, as the model takes them.
   *
   * @return values by the model's input names, each with {@code to - from} along axis 0
   */
  Map<String, TensorValue> batch(int from, int to);
}
