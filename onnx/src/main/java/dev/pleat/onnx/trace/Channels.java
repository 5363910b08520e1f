package dev.pleat.onnx.trace;

import java.util.Arrays;

/** Union-find over channel ids, each class with the reason why it is frozen, if it is. */
final class Channels {
  private int[] parent = new int[1024];
  private String[] reason = new String[1024];
  private int count;

  /** New channels that are tied to nothing. */
  int[] fresh(int size) {
    int[] ids = new int[size];
    if (count + size > parent.length) {
      int capacity = Math.max(parent.length * 2, count + size);
      parent = Arrays.copyOf(parent, capacity);
      reason = Arrays.copyOf(reason, capacity);
    }
    for (int i = 0; i < size; i++) {
      parent[count] = count;
      reason[count] = "";
      ids[i] = count++;
    }
    return ids;
  }

  int count() {
    return count;
  }

  int find(int id) {
    int root = id;
    while (parent[root] != root) {
      parent[root] = parent[parent[root]];
      root = parent[root];
    }
    return root;
  }

  /** Makes two ids the same channel; the older one leads. */
  void union(int a, int b) {
    int x = find(a);
    int y = find(b);
    if (x == y) {
      return;
    }
    int root = Math.min(x, y);
    int other = Math.max(x, y);
    parent[other] = root;
    if (reason[root].isEmpty()) {
      reason[root] = reason[other];
    }
  }

  /** Freezes a channel; the first reason stays. */
  void freeze(int id, String why) {
    int root = find(id);
    if (reason[root].isEmpty()) {
      reason[root] = why;
    }
  }

  /** Why a channel is frozen, empty when it is not. */
  String reason(int id) {
    return reason[find(id)];
  }
}
