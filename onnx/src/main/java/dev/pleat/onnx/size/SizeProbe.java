package dev.pleat.onnx.size;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.GeneratedRun;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.run.VariedInputs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a model on generated inputs with the shapes of all its values as outputs, and again at other
 * sizes of every axis that it leaves open.
 */
public final class SizeProbe {
  private static final long SEED = 11;

  /** Shape computations are short; masks and tables are not of interest. */
  private static final int MOST_INTEGERS = 64;

  private static final Logger LOG = LoggerFactory.getLogger(SizeProbe.class);

  private final OnnxModel model;
  private final Map<String, String> shapeOf = new LinkedHashMap<>();
  private final Set<String> computed;
  private final Set<String> untyped;

  private SizeProbe(OnnxModel model, boolean bodies) {
    this.model = model;
    this.computed = ShapeComputations.of(model);
    this.untyped = NoTensors.of(model, bodies);
  }

  /**
   * Learns the sizes of a model's values.
   *
   * @param inputShapes sizes of graph inputs that are given, by name; {@code *} stands for the only
   *     input
   * @param threads threads that a run may use, at least 1
   * @return without runs, and with the reason, when the model runs on none of the inputs that were
   *     tried
   */
  public static Sizes observe(OnnxModel model, Map<String, long[]> inputShapes, int threads) {
    try {
      return new SizeProbe(model, true).run(inputShapes, threads);
    } catch (PleatException e) {
      LOG.debug("control flow may give what is no tensor; its outputs are left out", e);
    }
    try {
      return new SizeProbe(model, false).run(inputShapes, threads);
    } catch (PleatException e) {
      LOG.debug("sizes stay as the file declares them", e);
      return Sizes.unseen(inputShapes, String.valueOf(e.getMessage()));
    }
  }

  private Sizes run(Map<String, long[]> inputShapes, int threads) {
    try (OnnxSession session = OnnxSession.plain(probe(), model.file(), threads)) {
      List<GeneratedRun> generated = new ArrayList<>();
      generated.add(GeneratedInputs.firstRun(session, inputShapes, SEED));
      generated.addAll(VariedInputs.of(session, generated.getFirst().shapes(), SEED + 1));
      return Sizes.seen(generated, generated.stream().map(this::seen).toList());
    }
  }

  private Sizes.Run seen(GeneratedRun run) {
    Map<String, long[]> shapes = new HashMap<>(run.shapes());
    Map<String, long[]> integers = new HashMap<>();
    shapeOf.forEach((output, value) ->
        integers(run.outputs(), output).ifPresent(shape -> shapes.put(value, shape)));
    for (String value : computed) {
      integers(run.outputs(), value)
          .filter(elements -> elements.length <= MOST_INTEGERS)
          .ifPresent(elements -> integers.put(value, elements));
    }
    return new Sizes.Run(shapes, integers);
  }

  private static Optional<long[]> integers(Map<String, TensorValue> outputs, String name) {
    return outputs.get(name) instanceof TensorValue.Integers(long[] shape, long[] values)
        ? Optional.of(values)
        : Optional.empty();
  }

  /**
   * The model with more outputs: shapes, which cost no memory, and what is computed from them. The
   * runtime works from the end of the list of nodes back to what each needs: with the first shapes
   * at its end, it reads a shape as soon as its value is there, and need not keep the value.
   */
  private ModelProto probe() {
    GraphProto.Builder graph = model.graph().toBuilder();
    Set<String> outputs = new HashSet<>();
    graph.getOutputList().forEach(output -> outputs.add(output.getName()));
    for (NodeProto node : model.nodes().reversed()) {
      for (String value : node.getOutputList()) {
        if (value.isEmpty() || untyped.contains(value) || model.constants().containsKey(value)) {
          continue;
        }
        String shape = "pleat_shape_" + shapeOf.size();
        shapeOf.put(shape, value);
        graph.addNode(
            NodeProto.newBuilder().setOpType("Shape").addInput(value).addOutput(shape).build());
        graph.addOutput(ValueInfoProto.newBuilder().setName(shape));
        if (computed.contains(value) && !outputs.contains(value)) {
          graph.addOutput(ValueInfoProto.newBuilder().setName(value));
        }
      }
    }
    return model.proto().toBuilder().setGraph(graph).build();
  }
}
