package dev.pleat.llm;

import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.Architecture.Layout;
import dev.pleat.llm.architecture.AttentionDescription;
import dev.pleat.llm.architecture.ConfigField;
import dev.pleat.llm.architecture.FeedForwardDescription;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Doubles the neurons and key/value groups of a tiny model without changing what it computes: each
 * is there twice, in random order, and its readers share their weight between the two. Knows the
 * layouts by itself, so that it tests what production code makes of them.
 */
final class Widening {
  /** The places of a channel on an axis: {@code perChannel} of them in a row from start on. */
  private record Block(int start, int perChannel) {}

  /** A channel of the new axis: where it comes from and which share of the reading it has. */
  private record Copy(int source, float share) {}

  private final TinyModel model;
  private final Architecture architecture;
  private final SplittableRandom random;
  private final boolean heads;
  private final Map<String, Tensor> wide;
  private final Map<String, Tensor> folded;

  /**
   * Both models.
   *
   * @param wide the doubled one
   * @param expected the original, its channels in the order in which folding leaves them
   */
  record Pair(TinyModel wide, TinyModel expected) {}

  private Widening(TinyModel model, boolean heads, long seed) {
    this.model = model;
    this.architecture = model.architecture();
    this.random = new SplittableRandom(seed);
    this.heads = heads;
    this.wide = new LinkedHashMap<>(model.tensors());
    this.folded = new LinkedHashMap<>(model.tensors());
  }

  static Pair of(TinyModel model, boolean heads, long seed) {
    return new Widening(model, heads, seed).run();
  }

  private Pair run() {
    for (int layer = 0; layer < TinyModel.LAYERS; layer++) {
      for (FeedForwardDescription block : architecture.feedForwards()) {
        int experts = block.isRouted() ? TinyModel.EXPERTS : 1;
        for (int expert = 0; expert < experts; expert++) {
          feedForward(block, layer, expert);
        }
      }
      if (heads) {
        attention(layer);
      }
    }
    return new Pair(
        new TinyModel(architecture, wideConfig(model.config()), wide),
        new TinyModel(architecture, model.config(), folded));
  }

  private void feedForward(FeedForwardDescription block, int layer, int expert) {
    int n = TinyModel.NEURONS;
    List<Copy> copies = copies(n);
    List<Block> once = List.of(new Block(0, 1));
    switch (block.projections()) {
      case FeedForwardDescription.Projections.Plain(String up) ->
          producer(name(layer, up, expert), once, copies);
      case FeedForwardDescription.Projections.Gated(String gate, String up) -> {
        producer(name(layer, gate, expert), once, copies);
        producer(name(layer, up, expert), once, copies);
      }
      case FeedForwardDescription.Projections.Fused(String both) ->
          producer(name(layer, both, expert), List.of(new Block(0, 1), new Block(n, 1)), copies);
    }
    consumer(name(layer, block.down(), expert), 1, copies);
  }

  private void attention(int layer) {
    int groups = TinyModel.groups(architecture);
    int width = TinyModel.HEAD_DIM;
    int perGroup = TinyModel.QUERIES / groups * width;
    List<Copy> copies = copies(groups);
    AttentionDescription attention = architecture.attention();
    switch (attention.projections()) {
      case AttentionDescription.Projections.Separate(String query, String key, String value) -> {
        producer(name(layer, query, 0), List.of(new Block(0, perGroup)), copies);
        producer(name(layer, key, 0), List.of(new Block(0, width)), copies);
        producer(name(layer, value, 0), List.of(new Block(0, width)), copies);
      }
      case AttentionDescription.Projections.Fused(
              String module,
              AttentionDescription.Order order) -> {
        int queries = TinyModel.QUERIES * width;
        producer(
            name(layer, module, 0),
            List.of(
                new Block(0, perGroup),
                new Block(queries, width),
                new Block(queries + groups * width, width)),
            copies);
      }
    }
    consumer(name(layer, attention.output(), 0), perGroup, copies);
  }

  private String name(int layer, String module, int expert) {
    return architecture.inLayer(layer, FeedForwardDescription.ofExpert(module, expert));
  }

  /** Every channel twice, shuffled. */
  private List<Copy> copies(int channels) {
    List<Copy> copies = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      float share = random.nextInt(8, 57) / 64f;
      copies.add(new Copy(c, share));
      copies.add(new Copy(c, 1 - share));
    }
    for (int i = copies.size() - 1; i > 0; i--) {
      Collections.swap(copies, i, random.nextInt(i + 1));
    }
    return copies;
  }

  /** One of each channel, in the order in which the first of the two copies comes. */
  private static List<Copy> firsts(List<Copy> copies) {
    return copies.stream().map(Copy::source).distinct().map(c -> new Copy(c, 1)).toList();
  }

  private void producer(String module, List<Block> blocks, List<Copy> copies) {
    int axis = architecture.layout() == Layout.IN_OUT ? 1 : 0;
    List<Copy> whole = copies.stream().map(copy -> new Copy(copy.source, 1)).toList();
    for (String name : names(module + ".weight")) {
      wide.put(name, take(model.tensor(name), axis, blocks, whole));
      folded.put(name, take(model.tensor(name), axis, blocks, firsts(copies)));
    }
    for (String name : names(module + ".bias")) {
      wide.put(name, take(model.tensor(name), 0, blocks, whole));
      folded.put(name, take(model.tensor(name), 0, blocks, firsts(copies)));
    }
  }

  private void consumer(String module, int perChannel, List<Copy> copies) {
    int axis = architecture.layout() == Layout.IN_OUT ? 0 : 1;
    List<Block> blocks = List.of(new Block(0, perChannel));
    for (String name : names(module + ".weight")) {
      wide.put(name, take(model.tensor(name), axis, blocks, copies));
      folded.put(name, take(model.tensor(name), axis, blocks, firsts(copies)));
    }
  }

  private List<String> names(String name) {
    return model.tensors().keySet().stream().filter(n -> n.endsWith(name)).toList();
  }

  private static Tensor take(Tensor from, int axis, List<Block> blocks, List<Copy> copies) {
    int inner = 1;
    for (int a = axis + 1; a < from.shape().length; a++) {
      inner *= from.shape()[a];
    }
    int size = from.shape()[axis];
    int outer = from.values().length / size / inner;
    int places = blocks.stream().mapToInt(block -> block.perChannel * copies.size()).sum();
    int[] shape = from.shape().clone();
    shape[axis] = places;
    float[] values = new float[outer * places * inner];
    int place = 0;
    for (Block block : blocks) {
      for (Copy copy : copies) {
        for (int j = 0; j < block.perChannel; j++, place++) {
          int source = block.start + copy.source * block.perChannel + j;
          for (int o = 0; o < outer; o++) {
            for (int i = 0; i < inner; i++) {
              values[(o * places + place) * inner + i] =
                  copy.share * from.values()[(o * size + source) * inner + i];
            }
          }
        }
      }
    }
    return new Tensor(shape, values);
  }

  private Map<String, Object> wideConfig(Map<String, Object> config) {
    List<String> doubled = new ArrayList<>();
    architecture.feedForwards().forEach(block -> doubled.add(block.width()));
    if (heads) {
      for (ConfigField field :
          Arrays.asList(ConfigField.QUERY_HEADS, ConfigField.KEY_VALUE_HEADS)) {
        doubled.add(TinyModel.field(architecture, field));
      }
    }
    return doubled(config, doubled);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> doubled(Map<String, Object> config, List<String> fields) {
    Map<String, Object> result = new LinkedHashMap<>();
    config.forEach((name, value) -> {
      if (value instanceof Map<?, ?> section) {
        result.put(name, doubled((Map<String, Object>) section, fields));
      } else {
        result.put(name, fields.contains(name) ? (Integer) value * 2 : value);
      }
    });
    return result;
  }
}
