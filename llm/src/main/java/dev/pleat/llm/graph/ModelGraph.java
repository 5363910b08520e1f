package dev.pleat.llm.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import dev.pleat.core.PleatException;
import dev.pleat.llm.blueprint.Blueprint;
import dev.pleat.onnx.run.Initializer;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * A graph and the weights that it names.
 *
 * @param model declares each weight as external data without saying where it is
 * @param weights in the order in which the model declares them
 */
public record ModelGraph(ModelProto model, List<Initializer> weights) {
  /** The first operator set with RMSNormalization, RotaryEmbedding and Attention. */
  private static final int OPSET = 23;

  /** The file format that came with it. */
  private static final int IR_VERSION = 11;

  /** Copies the list. */
  public ModelGraph {
    weights = List.copyOf(weights);
  }

  /**
   * The graph of a part of a model.
   *
   * @param scope how long the weights stay where they are
   * @throws PleatException when a weight is missing or has not the shape that the blueprint needs
   */
  public static ModelGraph of(
      Blueprint blueprint, Weights weights, ModelSection part, Arena scope) {
    Graph graph = new Graph(weights, scope);
    boolean placed = part.embedding() || part.to() > part.from();
    if (part.embedding()) {
      graph.input(ModelSection.TOKENS, Graph.INT64, "batch", "sequence");
    } else {
      graph.input(ModelSection.HIDDEN, Graph.FLOAT, "rows", blueprint.hidden());
    }
    if (placed) {
      graph.input(ModelSection.POSITIONS, Graph.INT64, "batch", "sequence");
    }
    String x =
        part.embedding()
            ? Ends.embed(graph, blueprint.embedding(), ModelSection.TOKENS)
            : ModelSection.HIDDEN;
    Places places = new Places(graph, blueprint.causal(), part.cached());
    Layers layers = new Layers(graph, places, part);
    for (int i = part.from(); i < part.to(); i++) {
      x = layers.apply(i, blueprint.layers().get(i), x);
    }
    if (part.head()) {
      String logits = Ends.head(graph, blueprint.head().orElseThrow(), blueprint.vocabulary(), x);
      if (part.embedding()) {
        graph.output(
            ModelSection.LOGITS,
            places.sequences(logits, blueprint.vocabulary()),
            Graph.FLOAT,
            "batch",
            "sequence",
            blueprint.vocabulary());
      } else {
        graph.output(ModelSection.LOGITS, logits, Graph.FLOAT, "rows", blueprint.vocabulary());
      }
    } else {
      graph.output(ModelSection.HIDDEN_OUT, x, Graph.FLOAT, "rows", blueprint.hidden());
    }
    return new ModelGraph(model(graph.proto()), graph.weights());
  }

  private static ModelProto model(GraphProto graph) {
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("pleat")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setGraph(graph)
        .build();
  }
}
