package dev.pleat.onnx.run;

import dev.pleat.core.PleatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Runs of a model at other sizes of the axes that it leaves open, to see what follows them. Axes
 * that bear the same name change together, each to another size than the others where the model
 * allows it.
 */
public final class VariedInputs {
  /** Attempts at all axes together, and at each by itself. */
  private static final int ATTEMPTS = 5;

  private final OnnxSession session;
  private final Map<String, long[]> first;
  private final long seed;
  private final Set<String> tried = new LinkedHashSet<>();

  private VariedInputs(OnnxSession session, Map<String, long[]> first, long seed) {
    this.session = session;
    this.first = first;
    this.seed = seed;
    tried.add(GeneratedInputs.text(first));
  }

  /**
   * Runs in which every open axis has another size than in the first one: a single run where the
   * model allows it, else one for each axis that can change by itself. An axis that cannot, changes
   * in none.
   *
   * @param first the sizes of a run, by input name
   * @param seed of the numbers
   */
  public static List<GeneratedRun> of(OnnxSession session, Map<String, long[]> first, long seed) {
    return new VariedInputs(session, first, seed).runs();
  }

  private List<GeneratedRun> runs() {
    List<String> open = List.copyOf(openAxes());
    for (int attempt = 0; attempt < ATTEMPTS && !open.isEmpty(); attempt++) {
      Map<String, Integer> choice = new LinkedHashMap<>();
      for (int axis = 0; axis < open.size(); axis++) {
        // First each axis in its own way, then all alike: height and width may have to agree.
        choice.put(open.get(axis), attempt == 0 ? axis : attempt - 1);
      }
      Optional<GeneratedRun> run = attempt(choice);
      if (run.isPresent()) {
        return List.of(run.get());
      }
    }
    List<GeneratedRun> runs = new ArrayList<>();
    for (String axis : open) {
      Optional<GeneratedRun> run = Optional.empty();
      for (int attempt = 0; attempt < ATTEMPTS && run.isEmpty(); attempt++) {
        run = attempt(Map.of(axis, attempt));
      }
      run.ifPresent(runs::add);
    }
    return runs;
  }

  private Optional<GeneratedRun> attempt(Map<String, Integer> choice) {
    Map<String, long[]> sizes = new LinkedHashMap<>();
    for (TensorType type : session.inputs()) {
      long[] shape = first.getOrDefault(type.name(), type.shape()).clone();
      for (int d = 0; d < shape.length; d++) {
        Integer alternative = choice.get(key(type, d));
        if (alternative != null && type.shape()[d] < 0) {
          shape[d] = other(shape[d], alternative);
        }
      }
      sizes.put(type.name(), shape);
    }
    if (!tried.add(GeneratedInputs.text(sizes))
        || GeneratedInputs.areTooMany(session.inputs(), sizes)) {
      return Optional.empty();
    }
    try {
      Map<String, TensorValue> inputs = GeneratedInputs.fill(session.inputs(), sizes, seed);
      return Optional.of(new GeneratedRun(inputs, session.run(inputs)));
    } catch (PleatException e) {
      // The model does not run at these sizes, which is an answer, too.
      return Optional.empty();
    }
  }

  /** Another size near the first one, in steps that networks usually ask for. */
  private static long other(long size, int alternative) {
    long step = size >= 64 ? 32 : size >= 16 ? 8 : 1;
    long[] sizes = {
      size + step, Math.max(1, size - step), size + 2 * step, 2 * size, Math.max(1, size / 2)
    };
    long chosen = sizes[alternative % sizes.length];
    return chosen == size ? size + 3 * step : chosen;
  }

  private Set<String> openAxes() {
    Set<String> open = new TreeSet<>();
    for (TensorType type : session.inputs()) {
      for (int d = 0; d < type.shape().length; d++) {
        if (type.shape()[d] < 0) {
          open.add(key(type, d));
        }
      }
    }
    return open;
  }

  /** Exporters give different axes of one input the same name, so a name counts by axis. */
  private static String key(TensorType type, int axis) {
    String symbol = type.symbols().get(axis);
    return axis + " " + symbol;
  }
}
