package dev.pleat.onnx.eval;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.EmbeddingAgreement;
import dev.pleat.core.report.EvalReport;
import dev.pleat.core.report.Latency;
import dev.pleat.onnx.data.ImageInput;
import dev.pleat.onnx.data.ImageSet;
import dev.pleat.onnx.data.ImageSets;
import dev.pleat.onnx.data.TensorFile;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.request.EvalRequest;
import dev.pleat.onnx.run.OnnxSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures one model, alone or against the one it was folded from. */
public final class Evaluation {
  private static final Logger LOG = LoggerFactory.getLogger(Evaluation.class);

  private final EvalRequest request;
  private final LatencyTimer.Effort effort;
  private final Progress progress;

  private Evaluation(EvalRequest request, LatencyTimer.Effort effort, Progress progress) {
    this.request = request;
    this.effort = effort;
    this.progress = progress;
  }

  /**
   * Runs an evaluation: accuracy on labelled images; agreement with the original on the images or
   * other inputs, or on generated ones where there are none; latency and size always.
   *
   * @throws PleatException when a file cannot be read, the images or labels do not fit the model,
   *     an output is not a number, or the model does not run
   */
  public static EvalReport run(EvalRequest request, Progress progress) {
    return run(request, LatencyTimer.Effort.USUAL, progress);
  }

  /**
   * The same with another effort for the latencies.
   *
   * @throws PleatException as the other does
   */
  public static EvalReport run(EvalRequest request, LatencyTimer.Effort effort, Progress progress) {
    return new Evaluation(request, effort, progress).measure();
  }

  private EvalReport measure() {
    long bytes = ModelReader.read(request.model()).bytes();
    request.against().ifPresent(ModelReader::read);
    Optional<ImageSet> images = request.images().map(p -> ImageSets.open(p, request.labels()));
    if (request.inputs().isPresent()) {
      try (TensorFile file = TensorFile.open(request.inputs().get())) {
        return measure(images, Optional.of(file), bytes);
      }
    }
    return measure(images, Optional.empty(), bytes);
  }

  private EvalReport measure(Optional<ImageSet> images, Optional<TensorFile> file, long bytes) {
    try (OnnxSession session = OnnxSession.open(request.model(), request.threads())) {
      Optional<Path> against = request.against();
      if (against.isEmpty()) {
        return measure(session, Optional.empty(), images, file, bytes);
      }
      try (OnnxSession original = OnnxSession.open(against.get(), request.threads())) {
        return measure(session, Optional.of(original), images, file, bytes);
      }
    }
  }

  private EvalReport measure(
      OnnxSession session,
      Optional<OnnxSession> original,
      Optional<ImageSet> images,
      Optional<TensorFile> file,
      long bytes) {
    IntFunction<Samples> samples;
    AgreementTally agreement = new AgreementTally();
    Optional<EmbeddingAgreement> embeddings = Optional.empty();
    Optional<Double> accuracy = Optional.empty();
    Optional<Double> top5 = Optional.empty();
    int count = 0;
    if (images.isPresent()) {
      ImageSet set = images.get();
      ImageInput input =
          ImageInput.of(session.inputs(), request.inputShapes(), request.preprocessing());
      samples = batch -> Samples.ofImage(set, input, batch);
      if (set.labelled() || original.isPresent()) {
        AccuracyTally tally = new AccuracyTally(set);
        new ImagePass(set, input, request.batch(), request.outputName())
            .run(session, original, tally, agreement, progress);
        accuracy = tally.accuracy();
        top5 = tally.top5();
        count = set.count();
      }
    } else if (file.isPresent()) {
      TensorPass pass = new TensorPass(file.get(), session, request);
      samples = pass::timed;
      if (original.isPresent()) {
        EmbeddingTally tally = new EmbeddingTally();
        pass.compare(session, original.get(), agreement, tally, progress);
        embeddings = Optional.of(tally.agreement());
        count = pass.count();
      }
    } else {
      GeneratedPass generated = new GeneratedPass(session, request);
      original.ifPresent(o -> generated.compare(o, agreement, progress));
      samples = generated::timed;
    }
    List<OnnxSession> sessions = new ArrayList<>(List.of(session));
    original.ifPresent(sessions::add);
    Samples usual = samples.apply(request.latencyBatch());
    progress.begin("time", 2);
    List<Latency> latencies = time(sessions, usual);
    List<Latency> many = throughput(sessions, samples, usual);
    return new EvalReport(
        request.model().toString(),
        accuracy,
        top5,
        count,
        original.map(o -> agreement.agreement()),
        embeddings,
        latencies.getFirst(),
        original.map(o -> latencies.getLast()),
        bytes,
        request.threads(),
        many.stream().findFirst(),
        many.stream().skip(1).findFirst(),
        Optional.empty());
  }

  private List<Latency> time(List<OnnxSession> sessions, Samples samples) {
    List<Latency> latencies =
        LatencyTimer.time(sessions, samples.inputs(), samples.batch(), effort);
    progress.step();
    return latencies;
  }

  /** Latencies of a large batch; none where the models take no other than has been timed. */
  private List<Latency> throughput(
      List<OnnxSession> sessions, IntFunction<Samples> samples, Samples timed) {
    try {
      Samples many = samples.apply(timed.throughput());
      return many.batch() == timed.batch() ? List.of() : time(sessions, many);
    } catch (PleatException e) {
      LOG.debug("no run with {} samples", timed.throughput(), e);
      return List.of();
    }
  }
}
