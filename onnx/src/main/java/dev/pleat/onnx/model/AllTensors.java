package dev.pleat.onnx.model;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Visits every tensor that a model carries, wherever it is: initializers, attributes of nodes,
 * bodies of If and Loop, functions.
 */
final class AllTensors {
  private AllTensors() {}

  /** Gives a tensor another form. */
  @FunctionalInterface
  interface Change {
    /**
     * The tensor as it shall be; the same object where nothing changes.
     *
     * @param initializer whether it is an initializer of a graph or subgraph
     */
    TensorProto of(TensorProto tensor, boolean initializer) throws IOException;
  }

  /** The model with every tensor changed. */
  static ModelProto change(ModelProto model, Change change) throws IOException {
    ModelProto.Builder builder = model.toBuilder();
    if (model.hasGraph()) {
      change(builder.getGraphBuilder(), change);
    }
    for (int f = 0; f < model.getFunctionsCount(); f++) {
      FunctionProto function = model.getFunctions(f);
      for (int n = 0; n < function.getNodeCount(); n++) {
        Optional<NodeProto> changed = changed(function.getNode(n), change);
        if (changed.isPresent()) {
          builder.getFunctionsBuilder(f).setNode(n, changed.get());
        }
      }
    }
    return builder.build();
  }

  private static void change(GraphProto.Builder graph, Change change) throws IOException {
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      TensorProto tensor = graph.getInitializer(i);
      TensorProto changed = change.of(tensor, true);
      if (changed != tensor) {
        graph.setInitializer(i, changed);
      }
    }
    for (int i = 0; i < graph.getSparseInitializerCount(); i++) {
      graph.setSparseInitializer(i, changed(graph.getSparseInitializer(i), change));
    }
    for (int n = 0; n < graph.getNodeCount(); n++) {
      Optional<NodeProto> changed = changed(graph.getNode(n), change);
      if (changed.isPresent()) {
        graph.setNode(n, changed.get());
      }
    }
  }

  /** Most nodes carry no tensor; those are not copied. */
  private static Optional<NodeProto> changed(NodeProto node, Change change) throws IOException {
    Optional<NodeProto.Builder> builder = Optional.empty();
    for (int a = 0; a < node.getAttributeCount(); a++) {
      AttributeProto attribute = node.getAttribute(a);
      if (carriesTensors(attribute)) {
        NodeProto.Builder open = builder.orElseGet(node::toBuilder);
        open.setAttribute(a, changed(attribute, change));
        builder = Optional.of(open);
      }
    }
    return builder.map(NodeProto.Builder::build);
  }

  private static boolean carriesTensors(AttributeProto attribute) {
    return attribute.hasT()
        || attribute.hasG()
        || attribute.hasSparseTensor()
        || attribute.getTensorsCount() > 0
        || attribute.getGraphsCount() > 0
        || attribute.getSparseTensorsCount() > 0;
  }

  private static AttributeProto changed(AttributeProto attribute, Change change)
      throws IOException {
    AttributeProto.Builder builder = attribute.toBuilder();
    if (attribute.hasT()) {
      builder.setT(change.of(attribute.getT(), false));
    }
    if (attribute.hasSparseTensor()) {
      builder.setSparseTensor(changed(attribute.getSparseTensor(), change));
    }
    if (attribute.hasG()) {
      change(builder.getGBuilder(), change);
    }
    for (int i = 0; i < attribute.getTensorsCount(); i++) {
      builder.setTensors(i, change.of(attribute.getTensors(i), false));
    }
    for (int i = 0; i < attribute.getSparseTensorsCount(); i++) {
      builder.setSparseTensors(i, changed(attribute.getSparseTensors(i), change));
    }
    for (int i = 0; i < attribute.getGraphsCount(); i++) {
      change(builder.getGraphsBuilder(i), change);
    }
    return builder.build();
  }

  private static SparseTensorProto changed(SparseTensorProto sparse, Change change)
      throws IOException {
    SparseTensorProto.Builder builder = sparse.toBuilder();
    if (sparse.hasValues()) {
      builder.setValues(change.of(sparse.getValues(), false));
    }
    if (sparse.hasIndices()) {
      builder.setIndices(change.of(sparse.getIndices(), false));
    }
    return builder.build();
  }

  /** The locations of all external data, as they are written in the model. */
  static Set<String> locations(ModelProto model) {
    return external(model).stream()
        .flatMap(tensor -> tensor.getExternalDataList().stream())
        .filter(entry -> entry.getKey().equals("location"))
        .map(StringStringEntryProto::getValue)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Everything that lies in other files. */
  static List<TensorProto> external(ModelProto model) {
    List<TensorProto> external = new ArrayList<>();
    try {
      change(
          model,
          (tensor, initializer) -> {
            if (TensorData.isExternal(tensor)) {
              external.add(tensor);
            }
            return tensor;
          });
    } catch (IOException e) {
      throw new IllegalStateException("collecting tensors reads nothing", e);
    }
    return external;
  }

  /** The model with one location of external data under another name. */
  static ModelProto moved(ModelProto model, String from, String to) {
    try {
      return change(
          model,
          (tensor, initializer) -> {
            TensorProto.Builder builder = tensor.toBuilder();
            for (StringStringEntryProto.Builder entry : builder.getExternalDataBuilderList()) {
              if (entry.getKey().equals("location") && entry.getValue().equals(from)) {
                entry.setValue(to);
              }
            }
            return TensorData.isExternal(tensor) ? builder.build() : tensor;
          });
    } catch (IOException e) {
      throw new IllegalStateException("renaming reads nothing", e);
    }
  }
}
