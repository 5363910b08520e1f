package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.reconstruct.ChannelMoments;
import dev.pleat.core.reconstruct.Reconstruction;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the heads of a joint output comparable. A network that never saw the classes of another is
 * often surer of its own on such an input than the one that knows it. Each network makes inputs of
 * its own classes; on them, the others are to give values that are as far below what they give for
 * a class that is not there (the mean of all values but the largest, on their own inputs) as what
 * they give for one that is there is above. The last layers, which may read the channels of all
 * networks for it, are fitted to that by least squares.
 */
final class JointHeads {
  /** Inputs that run together. */
  private static final int BATCH = 64;

  /**
   * In units of each feature's own Σg². It draws strongly to what the networks gave: made inputs
   * tell their makers apart more easily than real ones do.
   */
  private static final double RIDGE = 10;

  /** In units of the mean variance, for features that hardly vary. */
  private static final double LEAST = 1e-3;

  private final OnnxModel union;
  private final GraphProto graph;
  private final Map<String, NodeProto> producers = new HashMap<>();

  private JointHeads(OnnxModel union) {
    this.union = union;
    this.graph = union.graph();
    graph
        .getNodeList()
        .forEach(node -> node.getOutputList().forEach(value -> producers.put(value, node)));
  }

  /** The last layer of each network, which all read one value. */
  private record Layers(String value, List<NodeProto> nodes) {}

  /** What the layers read and give on the inputs that one network made, sample by sample. */
  private record Samples(List<float[]> read, List<List<float[]>> given) {}

  /**
   * The union with fitted last layers.
   *
   * @param union with joint outputs
   * @param made inputs of each network's own classes
   * @param threads threads to use
   * @return empty where the last layers are no linear layers that read the same value
   */
  static Optional<ModelProto> fitted(OnnxModel union, List<CalibrationInputs> made, int threads) {
    JointHeads heads = new JointHeads(union);
    Optional<Layers> layers = heads.layers();
    if (layers.isEmpty() || layers.get().nodes.size() != made.size()) {
      return Optional.empty();
    }
    List<Samples> samples = heads.run(layers.get(), made, threads);
    return Optional.of(heads.fitted(layers.get(), samples));
  }

  private Optional<Layers> layers() {
    List<NodeProto> joints = graph.getNodeList().stream().filter(OwnLayers::isJoint).toList();
    if (joints.size() != 1) {
      return Optional.empty();
    }
    List<NodeProto> nodes = new ArrayList<>();
    for (String value : joints.getFirst().getInputList()) {
      NodeProto node = producers.get(value);
      if (node == null || !isLinear(node)) {
        return Optional.empty();
      }
      nodes.add(node);
    }
    String read = nodes.getFirst().getInput(0);
    return nodes.stream().allMatch(node -> node.getInput(0).equals(read))
        ? Optional.of(new Layers(read, nodes))
        : Optional.empty();
  }

  /** A linear layer whose weight has a row for each class, and a bias. */
  private boolean isLinear(NodeProto node) {
    return node.getOpType().equals("Gemm")
        && node.getInputCount() == 3
        && Nodes.integer(node, "transA", 0) == 0
        && Nodes.integer(node, "transB", 0) == 1
        && Nodes.real(node, "alpha", 1) == 1
        && Nodes.real(node, "beta", 1) == 1
        && constant(node.getInput(1)).isPresent()
        && constant(node.getInput(2)).filter(bias -> bias.shape().length == 1).isPresent();
  }

  private Optional<Tensor> constant(String name) {
    return Optional.ofNullable(union.constants().get(name))
        .filter(Constant::isFloat)
        .map(constant -> new Tensor(constant.shape(), union.floats(constant).clone()));
  }

  private List<Samples> run(Layers layers, List<CalibrationInputs> made, int threads) {
    GraphProto.Builder asking = graph.toBuilder().clearOutput();
    asking.addOutput(ValueInfoProto.newBuilder().setName(layers.value));
    layers.nodes.forEach(
        node -> asking.addOutput(ValueInfoProto.newBuilder().setName(node.getOutput(0))));
    List<Samples> all = new ArrayList<>();
    try (OnnxSession session =
        OnnxSession.open(
            union.proto().toBuilder().setGraph(asking).build(), union.file(), threads)) {
      for (CalibrationInputs inputs : made) {
        Samples samples = new Samples(new ArrayList<>(), new ArrayList<>());
        layers.nodes.forEach(node -> samples.given.add(new ArrayList<>()));
        for (int from = 0; from < inputs.count(); from += BATCH) {
          Map<String, TensorValue> found =
              session.run(inputs.batch(from, Math.min(inputs.count(), from + BATCH)));
          samples.read.addAll(rows(found.get(layers.value)));
          for (int m = 0; m < layers.nodes.size(); m++) {
            samples.given.get(m).addAll(rows(found.get(layers.nodes.get(m).getOutput(0))));
          }
        }
        all.add(samples);
      }
    }
    return all;
  }

  private static List<float[]> rows(@Nullable TensorValue value) {
    List<float[]> rows = new ArrayList<>();
    if (value instanceof TensorValue.Floats(long[] shape, float[] values)) {
      int length = values.length / (int) shape[0];
      for (int from = 0; from < values.length; from += length) {
        rows.add(Arrays.copyOfRange(values, from, from + length));
      }
    }
    return rows;
  }

  private ModelProto fitted(Layers layers, List<Samples> samples) {
    Map<String, Tensor> replaced = new HashMap<>();
    for (int m = 0; m < layers.nodes.size(); m++) {
      NodeProto node = layers.nodes.get(m);
      Tensor weight = constant(node.getInput(1)).orElseThrow();
      Tensor bias = constant(node.getInput(2)).orElseThrow();
      double others = others(samples.get(m).given.get(m));
      fit(m, others, samples, weight, bias);
      replaced.put(node.getInput(1), weight);
      replaced.put(node.getInput(2), bias);
    }
    GraphProto.Builder result = graph.toBuilder();
    for (int n = 0; n < result.getNodeCount(); n++) {
      Tensor tensor = replaced.get(result.getNode(n).getOutput(0));
      if (tensor != null) {
        String name = result.getNode(n).getOutput(0);
        result
            .getNodeBuilder(n)
            .clearAttribute()
            .addAttribute(
                Attributes.tensor(
                    "value", TensorEncoder.floats(union.constant(name), name, tensor)));
      }
    }
    return union.proto().toBuilder().setGraph(result).build();
  }

  /**
   * What a network is to give for inputs of others: as far below absent classes as its own above.
   */
  private static double others(List<float[]> given) {
    double present = 0;
    double absent = 0;
    long count = 0;
    for (float[] row : given) {
      int largest = 0;
      for (int c = 0; c < row.length; c++) {
        largest = row[c] > row[largest] ? c : largest;
        absent += row[c];
      }
      absent -= row[largest];
      present += row[largest];
      count += row.length - 1;
    }
    return count == 0 ? 0 : 2 * absent / count - present / given.size();
  }

  /** Fits weight and bias in place. */
  private static void fit(
      int network, double others, List<Samples> samples, Tensor weight, Tensor bias) {
    int classes = weight.shape()[0];
    int features = weight.shape()[1];
    List<float[]> wanted = new ArrayList<>();
    List<float[]> read = new ArrayList<>();
    for (int m = 0; m < samples.size(); m++) {
      for (int s = 0; s < samples.get(m).read.size(); s++) {
        float[] row = new float[classes];
        Arrays.fill(row, (float) others);
        wanted.add(m == network ? samples.get(m).given.get(network).get(s) : row);
        read.add(samples.get(m).read.get(s));
      }
    }
    float[] meanRead = mean(read, features);
    float[] meanWanted = mean(wanted, classes);
    double[] unit = deviations(read, meanRead);
    List<float[]> scaled = read.stream().map(row -> scaled(row, unit)).toList();
    ChannelMoments moments = new ChannelMoments(classes, features);
    moments.add(
        columns(wanted, classes), columns(scaled, features), read.size(), BlasProvider.shared());
    double[] prior = new double[classes * features];
    Arrays.setAll(prior, i -> weight.values()[i] * unit[i % features]);
    double[] solved = new Reconstruction(moments.centre(), prior).solve(RIDGE);
    float[] into = weight.values();
    for (int i = 0; i < into.length; i++) {
      into[i] = (float) (solved[i] / unit[i % features]);
    }
    for (int c = 0; c < classes; c++) {
      double offset = meanWanted[c];
      for (int j = 0; j < features; j++) {
        offset -= into[c * features + j] * meanRead[j];
      }
      bias.values()[c] = (float) offset;
    }
  }

  /** Deviations of the features, 1 where nothing varies. */
  private static double[] deviations(List<float[]> rows, float[] mean) {
    double[] variances = new double[mean.length];
    for (float[] row : rows) {
      Arrays.setAll(
          variances, i -> variances[i] + Math.pow((double) row[i] - mean[i], 2) / rows.size());
    }
    double least = LEAST * Arrays.stream(variances).average().orElse(0);
    return Arrays.stream(variances)
        .map(variance -> least > 0 ? Math.sqrt(variance + least) : 1)
        .toArray();
  }

  private static float[] scaled(float[] row, double[] unit) {
    float[] scaled = new float[row.length];
    for (int i = 0; i < row.length; i++) {
      scaled[i] = (float) (row[i] / unit[i]);
    }
    return scaled;
  }

  private static float[] columns(List<float[]> rows, int length) {
    float[] columns = new float[length * rows.size()];
    for (int s = 0; s < rows.size(); s++) {
      for (int i = 0; i < length; i++) {
        columns[i * rows.size() + s] = rows.get(s)[i];
      }
    }
    return columns;
  }

  private static float[] mean(List<float[]> rows, int length) {
    double[] sum = new double[length];
    rows.forEach(row -> Arrays.setAll(sum, i -> sum[i] + row[i]));
    float[] mean = new float[length];
    for (int i = 0; i < length; i++) {
      mean[i] = (float) (sum[i] / rows.size());
    }
    return mean;
  }
}
