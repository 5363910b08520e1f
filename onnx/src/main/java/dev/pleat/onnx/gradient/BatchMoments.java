package dev.pleat.onnx.gradient;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.Attributes;
import java.util.List;

/**
 * Mean and biased variance of every channel (axis 1) of a value over all its other axes, as batch
 * normalisation takes them in training, and the way back.
 */
public final class BatchMoments {
  private final BackwardPass.Builder pass;
  private final String value;
  private final String positions;
  private final String mean;
  private final String variance;

  private BatchMoments(
      BackwardPass.Builder pass, String value, String positions, String mean, String variance) {
    this.pass = pass;
    this.value = value;
    this.positions = positions;
    this.mean = mean;
    this.variance = variance;
  }

  /**
   * Emits the moments of a value of the forward pass.
   *
   * @throws PleatException when the model has no such value, or it has no channels
   */
  public static BatchMoments of(BackwardPass.Builder pass, String forwardValue) {
    int rank = pass.type(forwardValue).shape().length;
    if (rank < 2) {
      throw new PleatException(
          "'%s' has %d dimensions, but channels are the second one".formatted(forwardValue, rank));
    }
    GraphWriter graph = pass.graph();
    String x = pass.saved(forwardValue);
    String mean = sum(graph, "ReduceMean", x);
    String one = graph.node("Expand", List.of(graph.scalar(1), graph.node("Shape", List.of(mean))));
    String deviation = graph.affine(x, one, graph.node("Neg", List.of(mean)));
    String elements = graph.floating(graph.node("Size", List.of(x)));
    String channels = graph.floating(graph.node("Size", List.of(mean)));
    String positions = graph.node("Div", List.of(elements, channels));
    String squares = sum(graph, "ReduceSumSquare", deviation);
    String variance = graph.node("Div", List.of(squares, positions));
    return new BatchMoments(pass, forwardValue, positions, mean, variance);
  }

  /**
   * Reduces all axes but that of the channels. The runtime reduces the last axis and then the first
   * one faster than all at once.
   */
  private static String sum(GraphWriter graph, String op, String x) {
    var none = Attributes.integer("keepdims", 0);
    String rows = graph.node("Reshape", List.of(x, graph.constant(0L, 0L, -1L)));
    String row = graph.node(op, List.of(rows, graph.constant(2L)), none);
    String second = op.equals("ReduceMean") ? op : "ReduceSum";
    return graph.node(second, List.of(row, graph.constant(0L)), none);
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
    String twice = graph.mul(varianceGradient, graph.scalar(2));
    String factor = graph.node("Div", List.of(twice, positions));
    String each = graph.node("Div", List.of(meanGradient, positions));
    String offset = graph.node("Sub", List.of(each, graph.mul(factor, mean)));
    pass.seed(value, graph.affine(pass.saved(value), factor, offset));
  }
}
