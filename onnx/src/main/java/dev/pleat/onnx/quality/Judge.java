package dev.pleat.onnx.quality;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.Agreement;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.eval.AgreementTally;
import dev.pleat.onnx.eval.Rows;
import dev.pleat.onnx.invert.Classifier;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.walk.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Holds folded models to their original on the same inputs, one input after the other, so that it
 * needs no more memory than running the model does. What the original gives is remembered as far as
 * it is small.
 */
public final class Judge implements AutoCloseable {
  /** Where one class is nearly all that the original sees, agreeing on it means nothing. */
  private static final double LARGEST_CLASS = 0.9;

  /** Bytes of the original's outputs that are remembered. */
  private static final long REMEMBERED = 1L << 27;

  private final OnnxModel model;
  private final CalibrationInputs inputs;
  private final int threads;
  private final int batch;
  private final List<String> names;
  private final Optional<String> classifies;
  private final OnnxSession original;
  private final List<Map<String, TensorValue>> remembered = new ArrayList<>();
  private long bytes;

  private Judge(OnnxModel model, CalibrationInputs inputs, int threads, int batch) {
    this.model = model;
    this.inputs = inputs;
    this.threads = threads;
    this.batch = batch;
    List<Map<String, TensorValue>> samples = new ArrayList<>(List.of(batch(0)));
    if (inputs.count() > batch) {
      samples.add(batch(inputs.count() - 1));
    }
    this.names = JudgedValues.of(model, samples, threads);
    this.original =
        OnnxSession.open(JudgedValues.giving(model.proto(), names), model.file(), threads);
    this.classifies =
        names.isEmpty()
            ? Optional.empty()
            : Classifier.of(model, judged(original.run(samples.getFirst())))
                .map(Classifier::output);
  }

  /**
   * A judge for the models folded from one.
   *
   * @param inputs that nothing is fitted to, at least one
   * @param threads threads that a run may use
   * @throws PleatException when the original does not run on them
   */
  public static Judge of(OnnxModel model, CalibrationInputs inputs, int threads) {
    Network network =
        new Network(model.file().toString(), model.proto(), model.file(), model.nodes());
    return new Judge(model, inputs, threads, network.fixedBatch().orElse(1));
  }

  /** What it judges on. */
  public CalibrationInputs inputs() {
    return inputs;
  }

  /**
   * Judges a folded model.
   *
   * @param progress told of each run
   * @throws PleatException when it does not run
   */
  public Judgement judge(ModelProto folded, Progress progress) {
    progress.begin("judge", (inputs.count() - 1) / batch + 1);
    try (OnnxSession session =
        OnnxSession.open(JudgedValues.giving(folded, names), model.file(), threads)) {
      return judge(session, progress);
    }
  }

  private Judgement judge(OnnxSession folded, Progress progress) {
    Map<String, FidelityTally> tallies = new LinkedHashMap<>();
    names.forEach(name -> tallies.put(name, new FidelityTally()));
    AgreementTally agreement = new AgreementTally();
    Map<Integer, Integer> classes = new HashMap<>();
    boolean comparable = !names.isEmpty();
    for (int from = 0; comparable && from < inputs.count(); from += batch) {
      Map<String, TensorValue> feed = batch(from);
      Map<String, TensorValue> expected = expected(from, feed);
      Map<String, TensorValue> found = judged(folded.run(feed));
      int real = Math.min(batch, inputs.count() - from);
      tallies.forEach((name, tally) ->
          add(
              tally,
              Optional.ofNullable(expected.get(name)),
              Optional.ofNullable(found.get(name)),
              real));
      comparable = add(agreement, classes, expected, found, real);
      progress.step();
    }
    Map<String, Double> errors = new LinkedHashMap<>();
    tallies.forEach((name, tally) -> {
      if (tally.isMeasured()) {
        errors.put(name, tally.error());
      }
    });
    List<String> constant = names.stream().filter(name -> get(tallies, name).isConstant()).toList();
    Optional<Agreement> measured =
        comparable ? Optional.of(agreement.agreement()) : Optional.empty();
    return new Judgement(
        inputs.description(),
        inputs.count(),
        classifies
            .filter(errors::containsKey)
            .filter(name -> areSpread(classes))
            .flatMap(name -> measured)
            .map(Agreement::top1),
        errors,
        constant,
        measured);
  }

  private static <T> T get(Map<String, T> values, String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  /** A batch, filled up with its last input where there are too few. */
  private Map<String, TensorValue> batch(int from) {
    int real = Math.min(batch, inputs.count() - from);
    Map<String, TensorValue> values = inputs.batch(from, from + real);
    if (real == batch) {
      return values;
    }
    Map<String, TensorValue> last = inputs.batch(from + real - 1, from + real);
    Map<String, TensorValue> filled = new LinkedHashMap<>();
    values.forEach((name, value) -> {
      List<TensorValue> pieces = new ArrayList<>(List.of(value));
      while (value.shape().length > 0 && pieces.size() <= batch - real) {
        pieces.add(get(last, name));
      }
      filled.put(name, TensorValue.joined(pieces));
    });
    return filled;
  }

  private Map<String, TensorValue> expected(int from, Map<String, TensorValue> feed) {
    int index = from / batch;
    if (index < remembered.size()) {
      return remembered.get(index);
    }
    Map<String, TensorValue> outputs = judged(original.run(feed));
    long size = 0;
    for (TensorValue value : outputs.values()) {
      size += 4L * TensorValue.elements(value.shape());
    }
    if (index == remembered.size() && bytes + size <= REMEMBERED) {
      remembered.add(outputs);
      bytes += size;
    }
    return outputs;
  }

  private Map<String, TensorValue> judged(Map<String, TensorValue> outputs) {
    Map<String, TensorValue> judged = new LinkedHashMap<>();
    names.forEach(name -> {
      TensorValue value = outputs.get(name);
      if (value != null) {
        judged.put(name, value);
      }
    });
    return judged;
  }

  /** One sample for each input where the output has a batch, else one for the run. */
  private void add(
      FidelityTally tally, Optional<TensorValue> expected, Optional<TensorValue> found, int real) {
    if (expected.isEmpty()
        || found.isEmpty()
        || !(expected.get() instanceof TensorValue.Floats(long[] shape, float[] y))
        || !(found.get() instanceof TensorValue.Floats(long[] other, float[] x))
        || !Arrays.equals(shape, other)) {
      tally.addOther();
      return;
    }
    boolean batched = shape.length > 0 && shape[0] == batch;
    int samples = batched ? batch : 1;
    int[] axes = Arrays.stream(shape).skip(batched ? 1 : 0).mapToInt(Math::toIntExact).toArray();
    for (int i = 0; i < Math.min(samples, real); i++) {
      tally.add(y, x, i * (y.length / samples), axes);
    }
  }

  private static boolean areSpread(Map<Integer, Integer> classes) {
    int rows = classes.values().stream().mapToInt(Integer::intValue).sum();
    return classes.values().stream().allMatch(count -> count <= LARGEST_CLASS * rows);
  }

  private boolean add(
      AgreementTally agreement,
      Map<Integer, Integer> classes,
      Map<String, TensorValue> expected,
      Map<String, TensorValue> found,
      int real) {
    Rows rows = Rows.of(expected, classifies);
    if (!(found.get(rows.name()) instanceof TensorValue.Floats(long[] shape, float[] values))
        || !Arrays.equals(shape, rows.shape())) {
      return false;
    }
    boolean batched = shape.length > 0 && shape[0] == batch;
    Rows other = Rows.of(found, Optional.of(rows.name()));
    Rows original = batched ? rows.first(real, batch) : rows;
    agreement.add(original, batched ? other.first(real, batch) : other);
    for (int r = 0; r < original.count(); r++) {
      classes.merge(original.argmax(r), 1, Integer::sum);
    }
    return true;
  }

  @Override
  public void close() {
    original.close();
  }
}
