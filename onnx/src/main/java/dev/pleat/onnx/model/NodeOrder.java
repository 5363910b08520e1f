package dev.pleat.onnx.model;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.PleatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/** Puts nodes in topological order, keeping the file's order where it already is one. */
final class NodeOrder {
  private NodeOrder() {}

  /**
   * The nodes, each after those it reads from, in linear time but for ties kept in file order.
   *
   * @throws PleatException when a value has two makers, a name has none, or there is a cycle
   */
  static List<NodeProto> sort(Path file, GraphProto graph) {
    List<NodeProto> nodes = graph.getNodeList();
    Set<String> given = new HashSet<>();
    graph.getInputList().forEach(input -> given.add(input.getName()));
    graph.getInitializerList().forEach(tensor -> given.add(tensor.getName()));
    graph.getSparseInitializerList().forEach(tensor -> given.add(tensor.getValues().getName()));
    Map<String, Integer> maker = new HashMap<>();
    for (int n = 0; n < nodes.size(); n++) {
      for (String output : nodes.get(n).getOutputList()) {
        if (!output.isEmpty() && (given.contains(output) || maker.put(output, n) != null)) {
          throw new PleatException(
              "%s: the value '%s' is made twice, the second time by %s; export the model again"
                  .formatted(file, output, Nodes.describe(nodes.get(n))));
        }
      }
    }
    int[] missing = new int[nodes.size()];
    List<List<Integer>> readers = new ArrayList<>();
    nodes.forEach(node -> readers.add(new ArrayList<>()));
    for (int n = 0; n < nodes.size(); n++) {
      for (String input : Nodes.reads(nodes.get(n))) {
        Integer source = maker.get(input);
        if (source != null) {
          readers.get(source).add(n);
          missing[n]++;
        } else if (!given.contains(input)) {
          throw new PleatException(
              "%s: %s reads '%s', which nothing in the graph provides; export the model again"
                  .formatted(file, Nodes.describe(nodes.get(n)), input));
        }
      }
    }
    graph
        .getOutputList()
        .forEach(output -> {
          if (!maker.containsKey(output.getName()) && !given.contains(output.getName())) {
            throw new PleatException(
                "%s: the graph output '%s' is made by no node; export the model again"
                    .formatted(file, output.getName()));
          }
        });
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int n = 0; n < missing.length; n++) {
      if (missing[n] == 0) {
        ready.add(n);
      }
    }
    List<NodeProto> sorted = new ArrayList<>();
    while (!ready.isEmpty()) {
      int n = ready.remove();
      sorted.add(nodes.get(n));
      for (int reader : readers.get(n)) {
        if (--missing[reader] == 0) {
          ready.add(reader);
        }
      }
    }
    if (sorted.size() < nodes.size()) {
      for (int n = 0; n < missing.length; n++) {
        if (missing[n] > 0) {
          throw new PleatException(
              "%s: the graph has a cycle through %s; export the model again"
                  .formatted(file, Nodes.describe(nodes.get(n))));
        }
      }
    }
    return List.copyOf(sorted);
  }
}
