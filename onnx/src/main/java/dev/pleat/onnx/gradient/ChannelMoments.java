package dev.pleat.onnx.gradient;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.Attributes;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Mean and biased variance of every channel (axis 1) of a value over all its other axes, as batch
 * normalisation takes them in training, and the way back.
 */
public final class ChannelMoments {
  private final BackwardPass.Builder pass;
  private final String value;
  private final int rank;
  private final String mean;
  private final String variance;

  private ChannelMoments(
      BackwardPass.Builder pass, String value, int rank, String mean, String variance) {
    this.pass = pass;
    this.value = value;
    this.rank = rank;
    this.mean = mean;
    this.variance = variance;
  }

  /**
   * Emits the moments of a value of the forward pass.
   *
   * @throws PleatException when the model has no such value, or it has no channels
   */
  public static ChannelMoments of(BackwardPass.Builder pass, String forwardValue) {
    int rank = pass.type(forwardValue).shape().length;
    if (rank < 2) {
      throw new PleatException(
          "'%s' has %d dimensions, but channels are the second one".formatted(forwardValue, rank));
    }
    GraphWriter graph = pass.graph();
    String saved = pass.saved(forwardValue);
    String axes = graph.constant(others(rank));
    String kept = graph.node("ReduceMean", List.of(saved, axes));
    String deviation = graph.node("Sub", List.of(saved, kept));
    String variance =
        graph.node(
            "ReduceMean",
            List.of(graph.mul(deviation, deviation), axes),
            Attributes.integer("keepdims", 0));
    String mean = graph.node("Squeeze", List.of(kept, axes));
    return new ChannelMoments(pass, forwardValue, rank, mean, variance);
  }

  private static long[] others(int rank) {
    return LongStream.range(0, rank).filter(axis -> axis != 1).toArray();
  }

  /** The means, a vector of the backward graph with one element for each channel. */
  public String mean() {
    return mean;
  }

  /** The biased variances, a vector of the backward graph with one element for each channel. */
  public String variance() {
    return variance;
  }

  /**
   * Adds what a loss on the moments means for the value. With M positions for each channel, dx =
   * (dMean + 2 · dVariance · (x − mean)) / M.
   *
   * @param meanGradient dLoss/dMean, a vector of the backward graph
   * @param varianceGradient dLoss/dVariance, a vector of the backward graph
   */
  public void seed(String meanGradient, String varianceGradient) {
    GraphWriter graph = pass.graph();
    String shape = pass.shape(value);
    String positions =
        graph.node(
            "ReduceProd",
            List.of(graph.node("Gather", List.of(shape, graph.constant(others(rank))))));
    String share =
        graph.node(
            "Reciprocal",
            List.of(
                graph.node(
                    "Cast",
                    List.of(positions),
                    Attributes.integer("to", TensorProto.DataType.FLOAT_VALUE))));
    String factor = graph.mul(graph.mul(varianceGradient, graph.constant(2f)), share);
    String offset =
        graph.node("Sub", List.of(graph.mul(meanGradient, share), graph.mul(factor, mean)));
    String axes = graph.constant(others(rank));
    String scaled = graph.mul(pass.saved(value), graph.node("Unsqueeze", List.of(factor, axes)));
    pass.seed(value, graph.add(scaled, graph.node("Unsqueeze", List.of(offset, axes))));
  }
}
