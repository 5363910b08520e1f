package dev.pleat.llm.repair;

import dev.pleat.core.fold.Progress;
import dev.pleat.llm.run.Batch;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LayerWalk;
import dev.pleat.llm.run.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Chooses layers that go: one after the other the one without which, and without those that went
 * before, what comes out of the last layer changes least ({@link DirectionError}), on the
 * beginnings of some sequences of a text. One layer's weights are in memory; for each that goes,
 * all ways to go on pass through each layer together.
 */
public final class LayerElimination {
  /** Parameters times tokens times half of the layers that one more layer to remove is worth. */
  private static final double WORK = 8e11;

  private static final int LENGTH = 96;
  private static final int FEWEST = 4;
  private static final int MOST = 32;

  /** Stands for no layer. */
  private static final int NONE = -1;

  /** Rows that pass through a layer at once. */
  private static final int AT_ONCE = 8192;

  private final Model model;
  private final Batch batch;
  private final int threads;
  private final int layers;

  /**
   * A choice to make.
   *
   * @param parameters of the model
   * @param threads threads to use; the result does not depend on it
   */
  public LayerElimination(Model model, CalibrationText text, long parameters, int threads) {
    this.model = model;
    this.threads = threads;
    this.layers = model.blueprint().layers().size();
    this.batch = beginnings(text.batch(), WORK / parameters / (layers / 2.0));
  }

  /** Sequences at even distances, by twos, since every second one begins in a way of its own. */
  private static Batch beginnings(Batch text, double tokens) {
    int length = Math.min(LENGTH, text.length());
    int pairs = Math.max(1, text.sequences() / 2);
    int wanted = (int) Math.clamp(tokens / length, FEWEST, MOST) / 2;
    int taken = Math.min(pairs, wanted);
    int[][] chosen =
        IntStream.range(0, taken)
            .map(p -> (int) ((long) p * pairs / taken))
            .flatMap(p -> IntStream.of(2 * p, 2 * p + 1))
            .filter(s -> s < text.sequences())
            .mapToObj(s -> Arrays.copyOf(text.tokens()[s], length))
            .toArray(int[][]::new);
    return new Batch(chosen);
  }

  /**
   * Layers that go, in the order in which they do.
   *
   * @param layers their numbers
   * @param damages what all up to each of them do, in [0, 4]
   */
  public record Order(List<Integer> layers, List<Double> damages) {
    /** Copies the lists. */
    public Order {
      layers = List.copyOf(layers);
      damages = List.copyOf(damages);
    }

    /** The first of them. */
    public List<Integer> first(int count) {
      return layers.subList(0, count);
    }
  }

  /**
   * Chooses layers.
   *
   * @param count how many go, fewer than there are
   * @param progress hears of a stage named layers
   */
  public Order order(int count, Progress progress) {
    progress.begin("layers", Math.max(1, count * layers));
    List<Integer> gone = new ArrayList<>();
    List<Double> damages = new ArrayList<>();
    List<Integer> candidates = IntStream.range(0, layers).boxed().toList();
    Optional<HiddenStates> original = Optional.empty();
    while (gone.size() < count) {
      Map<Integer, HiddenStates> last = pass(gone, candidates, progress);
      HiddenStates wanted = original.orElseGet(() -> of(NONE, last));
      original = Optional.of(wanted);
      Map<Integer, Double> damage = new HashMap<>();
      candidates.forEach(l -> damage.put(l, DirectionError.distance(wanted, of(l, last))));
      List<Integer> ranked = candidates.stream().sorted(Comparator.comparing(damage::get)).toList();
      int least = ranked.getFirst();
      gone.add(least);
      damages.add(damage.get(least));
      // A layer that does much alone does much with others, too.
      int worth = gone.size() == 1 ? Math.max(count, Math.ceilDiv(layers, 4)) : ranked.size();
      candidates = ranked.stream().limit(worth).filter(l -> l != least).sorted().toList();
    }
    return new Order(gone, damages);
  }

  private static HiddenStates of(int name, Map<Integer, HiddenStates> streams) {
    return Objects.requireNonNull(streams.get(name));
  }

  /** What comes out of the last layer without each candidate, and by {@link #NONE} with all. */
  private Map<Integer, HiddenStates> pass(
      List<Integer> gone, List<Integer> candidates, Progress progress) {
    Map<Integer, HiddenStates> streams = new LinkedHashMap<>();
    streams.put(NONE, new LayerWalk(model, batch, threads).embed());
    for (int layer = 0; layer < layers; layer++) {
      HiddenStates before = of(NONE, streams);
      if (!gone.contains(layer)) {
        pass(layer, streams);
      }
      if (candidates.contains(layer)) {
        streams.put(layer, before);
      }
      progress.step();
    }
    return streams;
  }

  private void pass(int layer, Map<Integer, HiddenStates> streams) {
    List<Integer> names = List.copyOf(streams.keySet());
    int together = Math.max(1, AT_ONCE / batch.rows());
    for (int from = 0; from < names.size(); from += together) {
      List<Integer> some = names.subList(from, Math.min(names.size(), from + together));
      HiddenStates passed =
          new LayerWalk(model, batch.repeated(some.size()), threads)
              .layer(
                  layer, HiddenStates.joined(some.stream().map(name -> of(name, streams)).toList()))
              .states();
      for (int i = 0; i < some.size(); i++) {
        streams.put(some.get(i), passed.rows(i * batch.rows(), batch.rows()));
      }
    }
  }
}
