package dev.pleat.onnx.trace;

import dev.pleat.core.group.Role;
import dev.pleat.onnx.model.Nodes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Attention as one operator, standard or of {@code com.microsoft}, and rotary embeddings: heads
 * fold whole, and the attributes that count them follow.
 */
final class AttentionRules {
  private AttentionRules() {}

  static Map<String, OpRule> rules() {
    return Map.of(
        "Attention", node -> attention(node, "q_num_heads", "kv_num_heads", 3, 4),
        "com.microsoft:MultiHeadAttention", node -> attention(node, "num_heads", "num_heads", 5, 6),
        "com.microsoft:GroupQueryAttention",
            node -> attention(node, "num_heads", "kv_num_heads", 10, 3),
        "com.microsoft:Attention", AttentionRules::projected,
        "RotaryEmbedding", node -> rotary(node, 1),
        "com.microsoft:RotaryEmbedding", node -> rotary(node, 2));
  }

  /**
   * The heads of a value, one channel for each, where its channels are those of heads.
   *
   * @param count how many, at least 1
   */
  private static Label heads(NodeContext node, Label label, int count, int input) {
    if (!label.exists() || count < 1 || label.size() % count != 0) {
      node.freeze(label, "has another number of heads");
      return Label.NONE;
    }
    int each = label.size() / count;
    int[] lowest = IntStream.range(0, label.size()).map(p -> p / each * each).toArray();
    node.tie(label, lowest);
    Label heads = node.label(IntStream.range(0, count).map(h -> label.ids()[h * each]).toArray());
    node.splits().chosen(new Splits.Site(node.index(), input), heads);
    node.heads(heads);
    return heads;
  }

  /** The heads of an input that is split by axes already, or by the number in an attribute. */
  private static Label heads(NodeContext node, int input, String attribute) {
    Value value = node.in(input);
    if (value.rank() == 4) {
      node.freeze(value.label(-1), "works with it as a whole");
      node.freeze(value.label(2), "works with it as a whole");
      node.heads(value.label(1));
      return value.label(1);
    }
    int count = (int) node.integer(attribute, 0);
    Label heads = heads(node, value.label(-1), count, input);
    if (heads.exists()) {
      node.edit(new Edit.Count(node.index(), attribute, new Edit.Axis(heads.ids())));
    }
    return heads;
  }

  /** Each position of {@code label} as often in a row as needed for {@code size} positions. */
  private static Label repeated(NodeContext node, Label label, int size) {
    if (!label.exists() || size == label.size() || size % label.size() != 0) {
      return label;
    }
    int each = size / label.size();
    return node.label(IntStream.range(0, size).map(p -> label.ids()[p / each]).toArray());
  }

  private static void attention(
      NodeContext node, String queryHeads, String keyHeads, int mask, int past) {
    boolean separate = node.has(0) && node.has(1) && node.has(2);
    boolean ranked = node.inputs().stream().allMatch(Value::ranked);
    if (!ranked
        || !separate
        || !IntStream.range(0, 3).allMatch(i -> node.in(i).rank() == 3 || node.in(i).rank() == 4)) {
      node.freezeInputs("is attention in a form that heads are not traced through");
      return;
    }
    Label query = heads(node, 0, queryHeads);
    Label key = heads(node, 1, keyHeads);
    Label value = heads(node, 2, keyHeads);
    Label shared = node.unify(key, value);
    node.unify(query, repeated(node, shared, Math.max(1, query.size())));
    if (node.node().getDomain().equals("com.microsoft") && mask == 5 && node.has(3)) {
      bias(
          node,
          node.in(3),
          List.of(node.in(0).label(-1), node.in(1).label(-1), node.in(2).label(-1)));
    }
    mask(node, mask, query);
    for (int i = past; i < past + 2; i++) {
      if (node.has(i) && node.in(i).rank() == 4) {
        node.unify(shared, node.in(i).label(1));
      }
    }
    output(node, query);
    for (int i = 1; i < Math.min(3, node.outputCount()); i++) {
      Label[] labels = Value.none(4);
      labels[1] = shared;
      Optional<long[]> seen = node.seen(i).filter(shape -> shape.length == 4);
      if (seen.isPresent()) {
        node.out(i, seen.get(), labels);
      } else {
        node.freeze(shared, "gives it in a form that is not known");
      }
    }
  }

  /** A bias vector of several projections in a row. */
  private static void bias(NodeContext node, Value bias, List<Label> parts) {
    if (!bias.isConstant() || bias.rank() != 1 || !parts.stream().allMatch(Label::exists)) {
      parts.forEach(part -> node.freeze(part, "has a bias that is no constant"));
      return;
    }
    List<Integer> ids = new ArrayList<>();
    parts.forEach(part -> Arrays.stream(part.ids()).forEach(ids::add));
    node.unify(node.label(ids.stream().mapToInt(id -> id).toArray()), bias.label(0));
    node.role(bias.label(0), Role.PRODUCER);
  }

  /** What is added to the scores, aligned at the last axis. */
  private static void mask(NodeContext node, int input, Label heads) {
    if (!node.has(input) || node.in(input).rank() < 3 || node.in(input).dim(-3) == 1) {
      return;
    }
    Value mask = node.in(input);
    Label own = mask.label(-3);
    node.unify(heads, own);
    if (mask.isConstant()) {
      node.role(own, Role.PER_CHANNEL);
    }
  }

  /** The result: heads as an axis where the query has them so, else in a row. */
  private static void output(NodeContext node, Label heads) {
    Value query = node.in(0);
    Value value = node.in(2);
    long[] dims = query.dims().clone();
    Label[] labels = Value.none(dims.length);
    long width = value.dim(-1);
    if (query.rank() == 4) {
      labels[1] = heads;
    } else {
      long perHead = value.rank() == 4 ? width : width / Math.max(1, valueHeads(node));
      width = heads.exists() ? perHead * heads.size() : node.symbol();
      labels[2] = repeated(node, heads, (int) Math.max(0, width));
    }
    dims[dims.length - 1] = width;
    node.out(0, dims, labels);
  }

  private static long valueHeads(NodeContext node) {
    return node.integer("kv_num_heads", node.integer("num_heads", 1));
  }

  /** Attention that projects its input by one matrix itself. */
  private static void projected(NodeContext node) {
    Value x = node.in(0);
    Value weight = node.in(1);
    boolean equal = Nodes.attribute(node.node(), "qkv_hidden_sizes").isEmpty();
    int count = (int) node.integer("num_heads", 0);
    boolean plain =
        x.ranked()
            && x.rank() == 3
            && weight.isConstant()
            && weight.rank() == 2
            && equal
            && count > 0
            && weight.dim(1) % (3L * count) == 0
            && node.integer("do_rotary", 0) == 0;
    if (!plain) {
      node.freezeInputs("is attention in a form that heads are not traced through");
      return;
    }
    if (x.label(2).exists()) {
      node.unify(x.label(2), weight.label(0));
      node.role(weight.label(0), Role.CONSUMER);
    }
    Label rows = weight.label(1);
    node.role(rows, Role.PRODUCER);
    if (node.has(2)) {
      bias(node, node.in(2), List.of(rows));
    }
    int width = rows.size() / 3;
    int each = width / count;
    node.tie(rows, IntStream.range(0, rows.size()).map(p -> p % width / each * each).toArray());
    Label heads = node.label(IntStream.range(0, count).map(h -> rows.ids()[h * each]).toArray());
    node.splits().chosen(new Splits.Site(node.index(), 1), heads);
    node.heads(heads);
    node.edit(new Edit.Count(node.index(), "num_heads", new Edit.Axis(heads.ids())));
    mask(node, 5, heads);
    if (node.has(4) || node.outputCount() > 1) {
      node.freeze(heads, "gives its keys and values to the outside");
    }
    node.out(
        0,
        new long[] {x.dim(0), x.dim(1), width},
        new Label[] {x.label(0), Label.NONE, repeated(node, heads, width)});
    node.work(weight, rows(node, x));
  }

  private static long rows(NodeContext node, Value x) {
    long batch = node.first(x.dim(0));
    long tokens = node.first(x.dim(1));
    return batch < 0 || tokens < 0 ? -1 : batch * tokens;
  }

  /**
   * Turns pairs inside each head.
   *
   * @param cosines index of the input with half as many columns as a head is wide
   */
  private static void rotary(NodeContext node, int cosines) {
    Value x = node.in(0);
    if (!x.ranked() || x.rank() < 3) {
      node.freezeInputs("turns a value of unknown shape");
      return;
    }
    Label[] labels = x.labels().clone();
    if (x.rank() == 4) {
      node.freeze(labels[3], "turns its channels in pairs");
    } else if (labels[2].exists()) {
      int given = (int) node.integer("num_heads", 0);
      Value table = node.in(cosines);
      long each = table.ranked() && table.rank() > 1 ? 2 * table.dim(-1) : 0;
      int count = given > 0 ? given : each > 0 ? (int) (labels[2].size() / each) : 0;
      Label heads = heads(node, labels[2], count, 0);
      if (given > 0 && heads.exists()) {
        node.edit(new Edit.Count(node.index(), "num_heads", new Edit.Axis(heads.ids())));
      }
    }
    node.out(0, x.dims(), labels);
  }
}
