package dev.pleat.onnx.quality;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.walk.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The values that a model is judged by: its outputs, and where one is no number that can be a
 * little off (the place of a maximum, a list as long as there are finds), the nearest value before
 * it that is.
 */
final class JudgedValues {
  /** Steps that are looked back from an output. */
  private static final int MOST_STEPS = 24;

  private final OnnxModel model;
  private final Network network;
  private final Map<String, NodeProto> makers = new HashMap<>();

  private JudgedValues(OnnxModel model) {
    this.model = model;
    this.network = new Network(model.file().toString(), model.proto(), model.file(), model.nodes());
    model.nodes().forEach(node -> node.getOutputList().forEach(out -> makers.put(out, node)));
  }

  /**
   * The names, in the order of the outputs.
   *
   * @param samples two different inputs, or more
   * @throws dev.pleat.core.PleatException when the model does not run on them
   */
  static List<String> of(OnnxModel model, List<Map<String, TensorValue>> samples, int threads) {
    return new JudgedValues(model).names(samples, threads);
  }

  private List<String> names(List<Map<String, TensorValue>> samples, int threads) {
    List<String> outputs = network.outputs();
    List<String> plain;
    try (OnnxSession session = OnnxSession.open(model.file(), threads)) {
      plain = judgeable(session, samples, outputs);
    }
    if (plain.size() == outputs.size()) {
      return plain;
    }
    Map<String, List<String>> before = new HashMap<>();
    Set<String> all = new LinkedHashSet<>();
    for (String output : outputs) {
      List<String> steps = plain.contains(output) ? List.of() : before(output);
      before.put(output, steps);
      all.addAll(steps);
    }
    ModelProto giving = giving(model.proto(), List.copyOf(all));
    List<String> found;
    try (OnnxSession session = OnnxSession.open(giving, model.file(), threads)) {
      found = judgeable(session, samples, List.copyOf(all));
    }
    Set<String> names = new LinkedHashSet<>();
    for (String output : outputs) {
      (plain.contains(output)
              ? Optional.of(output)
              : before.getOrDefault(output, List.of()).stream().filter(found::contains).findFirst())
          .ifPresent(names::add);
    }
    return List.copyOf(names);
  }

  /** Those of some values that are floating point and of the same sizes for all samples. */
  private static List<String> judgeable(
      OnnxSession session, List<Map<String, TensorValue>> samples, List<String> names) {
    List<Map<String, TensorValue>> runs = new ArrayList<>();
    samples.forEach(sample -> runs.add(session.run(sample)));
    return names.stream()
        .filter(name ->
            runs.stream()
                .allMatch(run ->
                    run.get(name) instanceof TensorValue.Floats floats
                        && floats.values().length > 0
                        && Arrays.equals(
                            floats.shape(),
                            runs.getFirst().get(name) instanceof TensorValue first
                                ? first.shape()
                                : new long[0])))
        .toList();
  }

  /** The values before an output, nearest first, along the first input that is no constant. */
  private List<String> before(String output) {
    List<String> values = new ArrayList<>();
    NodeProto maker = makers.get(output);
    while (maker != null && values.size() < MOST_STEPS) {
      Optional<String> read = Nodes.reads(maker).stream().filter(network::isActive).findFirst();
      if (read.isEmpty()) {
        break;
      }
      maker = makers.get(read.get());
      if (maker != null) {
        values.add(read.get());
      }
    }
    return values;
  }

  /** A model that gives some of its values beside its outputs. */
  static ModelProto giving(ModelProto proto, List<String> values) {
    GraphProto.Builder graph = proto.getGraph().toBuilder();
    List<String> given = graph.getOutputList().stream().map(ValueInfoProto::getName).toList();
    values.stream()
        .filter(value -> !given.contains(value))
        .forEach(value -> graph.addOutput(ValueInfoProto.newBuilder().setName(value)));
    return proto.toBuilder().setGraph(graph).build();
  }
}
