package dev.pleat.onnx.repair;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.reconstruct.ChannelMoments;
import dev.pleat.core.reconstruct.Reconstruction;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.walk.NetworkRun;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Fits every weight of a convolution's kernel, where {@link ConsumerFit} only mixes channels: the
 * output in the folded network against that of the original layer, by least squares over patches.
 */
final class KernelFit {
  private static final int HELD_OUT = 5;
  private static final int MOST_SAMPLES = 65_536;
  private static final double[] RIDGES = {0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 100};

  private final Station.Consumer station;
  private final Patches patches;
  private final NetworkRun original;
  private final NetworkRun folded;
  private final Blas blas = BlasProvider.shared();

  KernelFit(
      Station.Consumer station, Patches patches, NetworkRun original, NetworkRun folded) {
    this.station = station;
    this.patches = patches;
    this.original = original;
    this.folded = folded;
  }

  /**
   * The fitted weight.
   *
   * @param unread the layer's weight in the original, its outputs merged
   * @param prior the weight that the ridge draws to
   */
  Tensor fit(Tensor unread, Tensor prior) {
    int outputs = prior.shape()[0];
    int inputs = prior.shape()[1] * patches.size();
    ChannelMoments fitted = new ChannelMoments(outputs, inputs);
    ChannelMoments heldOut = new ChannelMoments(outputs, inputs);
    NodeProto node = original.network().nodes().get(station.node());
    try (OnnxSession layer = layer(node, unread)) {
      int number = 0;
      for (int b = 0; b < original.batches().size(); b++) {
        TensorValue h = original.value(b, station.value());
        TensorValue.Floats y =
            ChannelStatistics.floats(java.util.Objects.requireNonNull(layer.run(Map.of("x", h)).get("y")), station.layer());
        TensorValue.Floats g =
            ChannelStatistics.floats(folded.value(b, station.value()), station.layer());
        int[] sizes =
            Arrays.stream(y.shape()).skip(2).mapToInt(Math::toIntExact).toArray();
        int area = Arrays.stream(sizes).reduce(1, (a, c) -> a * c);
        int images = (int) y.shape()[0];
        int perImage =
            Math.clamp(MOST_SAMPLES / original.batches().getLast().to(), 1, area);
        int step = Math.clamp((1 << 21) / ((long) perImage * inputs), 1, 32);
        for (int from = 0; from < images; from += step) {
          int to = Math.min(images, from + step);
          int width = (to - from) * perImage;
          float[] p = new float[inputs * width];
          float[] t = new float[outputs * width];
          for (int image = from; image < to; image++) {
            int shift = image;
            int[] places =
                IntStream.range(0, perImage)
                    .map(i -> (int) (((long) i * area / perImage + shift) % area))
                    .toArray();
            int column = (image - from) * perImage;
            patches.gather(g, image, places, sizes, p, width, column);
            for (int c = 0; c < outputs; c++) {
              for (int i = 0; i < perImage; i++) {
                t[c * width + column + i] =
                    y.values()[(image * outputs + c) * area + places[i]];
              }
            }
          }
          (number++ % HELD_OUT == HELD_OUT - 1 ? heldOut : fitted).add(t, p, width, blas);
        }
      }
    }
    double[] start = new double[prior.values().length];
    Arrays.setAll(start, i -> prior.values()[i]);
    double ridge = Double.parseDouble(System.getProperty("x.kridge", "0"));
    if (ridge == 0) {
      double[] ones = new double[outputs];
      Arrays.fill(ones, 1);
      ChannelMoments held = heldOut.centred();
      Reconstruction trial = new Reconstruction(fitted.centred(), start);
      ridge =
          Arrays.stream(RIDGES)
              .boxed()
              .min(
                  Comparator.comparingDouble(
                      r -> Reconstruction.error(held, trial.solve(r), ones)))
              .orElseThrow();
      if (Boolean.getBoolean("x.print")) {
        System.err.println(station.layer() + " ridge " + ridge + " " + Reconstruction.error(held, start, ones) + " -> "
            + Reconstruction.error(held, trial.solve(ridge), ones) + " of " + IntStream.range(0, outputs).mapToDouble(i -> held.square(i)).sum());
      }
    }
    fitted.add(heldOut);
    double[] b = new Reconstruction(fitted.centred(), start).solve(ridge);
    float[] values = new float[b.length];
    for (int i = 0; i < b.length; i++) {
      values[i] = (float) b[i];
    }
    return new Tensor(prior.shape(), values);
  }

  private OnnxSession layer(NodeProto node, Tensor weight) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName("w").setDataType(TensorProto.DataType.FLOAT_VALUE);
    for (int d : weight.shape()) {
      tensor.addDims(d);
    }
    java.nio.ByteBuffer bytes =
        java.nio.ByteBuffer.allocate(weight.values().length * 4)
            .order(java.nio.ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(weight.values());
    tensor.setRawData(com.google.protobuf.ByteString.copyFrom(bytes));
    ValueInfoProto.Builder x = ValueInfoProto.newBuilder().setName("x");
    x.getTypeBuilder().getTensorTypeBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE);
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("layer")
            .addNode(node.toBuilder().clearInput().addInput("x").addInput("w").clearOutput().addOutput("y"))
            .addInput(x)
            .addInitializer(tensor)
            .addOutput(ValueInfoProto.newBuilder().setName("y"))
            .build();
    ModelProto model =
        original.network().proto().toBuilder().clearMetadataProps().setGraph(graph).build();
    return OnnxSession.open(model, original.network().origin(), 2);
  }
}
