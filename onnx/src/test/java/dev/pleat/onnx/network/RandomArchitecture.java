package dev.pleat.onnx.network;

import dev.pleat.onnx.network.TwinNetwork.Flow;
import java.util.Random;

/** Random stacks of the parts that convolutional networks are made of. */
public final class RandomArchitecture {
  private static final int SIZE = 6;

  private RandomArchitecture() {}

  /** The same architecture and function for one seed, narrow or wide. */
  public static Graph of(long seed, boolean wide) {
    Random choice = new Random(seed * 31 + 5);
    TwinNetwork net = new TwinNetwork(seed, wide);
    Flow x = net.input(3, SIZE);
    x = net.map("Relu", net.norm(net.conv(x, net.hidden(6 + choice.nextInt(6)), 3, 1, false)));
    int parts = 2 + choice.nextInt(3);
    for (int p = 0; p < parts; p++) {
      x = part(choice.nextInt(8), net, x, choice);
    }
    Flow y;
    if (choice.nextBoolean()) {
      x = net.linear(net.map("GlobalAveragePool", x), 1, Width.plain(5));
      y = x;
    } else {
      // A transposed convolution may have grown the map, so the size is brought back by pooling.
      String pooled =
          net.graph()
              .node(
                  "Resize",
                  java.util.List.of(
                      x.name(),
                      "",
                      net.graph().floats("scales", new float[] {1, 1, 0.5f, 0.5f}, 4)));
      int side = (SIZE + transposes(net)) / 2;
      Flow flat = net.linear(new Flow(pooled, x.width()), side * side, net.hidden(7));
      y = net.linear(net.map("Relu", flat), 1, Width.plain(4));
    }
    net.graph().node("Identity", java.util.List.of(y.name()), java.util.List.of("scores"));
    return net.graph().output("scores");
  }

  private static int transposes(TwinNetwork net) {
    return (int)
        net.graph().proto().getNodeList().stream()
            .filter(node -> node.getOpType().equals("ConvTranspose"))
            .count();
  }

  private static Flow part(int kind, TwinNetwork net, Flow x, Random choice) {
    int width = 4 + choice.nextInt(6);
    return switch (kind) {
      case 0 -> net.map("Relu", net.norm(net.conv(x, net.hidden(width), 3, 1, true)));
      case 1 -> { // residual block
        Flow inner = net.map("Relu", net.norm(net.conv(x, net.hidden(width), 3, 1, false)));
        Flow back = net.norm(net.conv(inner, x.width(), 3, 1, false));
        yield net.map("Relu", net.combine("Add", x, back));
      }
      case 2 -> { // inverted bottleneck with a gate
        Flow wide = net.map("Relu", net.norm(net.conv(x, net.hidden(width), 1, 1, false)));
        Flow deep = net.gate(net.map("Tanh", net.norm(net.depthwise(wide))), 3);
        yield net.norm(net.conv(deep, net.hidden(5), 1, 1, false));
      }
      case 3 -> { // dense connection
        Flow branch = net.map("Relu", net.norm(net.conv(x, net.hidden(width), 3, 1, false)));
        yield net.concat(x, branch);
      }
      case 4 -> net.map("LeakyRelu", net.transposed(x, net.hidden(width)));
      case 5 -> net.map("Sigmoid", net.conv(x, net.hidden(width), 3, 1, true)); // BN fused
      case 6 -> { // grouped bottleneck
        Flow a = net.map("Relu", net.norm(net.conv(x, net.hidden(8, 2), 1, 1, false)));
        Flow b = net.map("Relu", net.norm(net.conv(a, net.hidden(6, 2), 3, 2, false)));
        yield net.norm(net.conv(b, net.hidden(width), 1, 1, false));
      }
      default -> { // normalisation before the layer, as in newer residual networks
        Flow inner = net.conv(net.map("Relu", net.norm(x)), net.hidden(width), 1, 1, false);
        yield net.combine(
            "Add", x, net.conv(net.map("Relu", net.norm(inner)), x.width(), 1, 1, false));
      }
    };
  }
}
