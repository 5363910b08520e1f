package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.MergeReport;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.ModelWriter;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.output.OutputCheck;
import dev.pleat.onnx.output.TemporaryFolder;
import dev.pleat.onnx.prepare.OwnConstants;
import dev.pleat.onnx.repair.MadeInputs;
import dev.pleat.onnx.repair.RepairPlanner;
import dev.pleat.onnx.request.Effort;
import dev.pleat.onnx.request.Heads;
import dev.pleat.onnx.request.InputSource;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.run.TensorValue.Floats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One merge of several files. */
public final class NetworkMerge {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkMerge.class);

  private static final long SEED = 7;

  /** File names end at 255 bytes, of which a character may take four. */
  private static final int LONGEST_NAME = 60;

  private final List<Path> files;
  private final Heads heads;
  private final FileFoldRequest request;
  private final Progress progress;
  private final ClusterObserver observer;

  private NetworkMerge(
      List<Path> files,
      Heads heads,
      FileFoldRequest request,
      Progress progress,
      ClusterObserver observer) {
    this.files = files;
    this.heads = heads;
    this.request = request;
    this.progress = progress;
    this.observer = observer;
  }

  /** Merges as {@link dev.pleat.onnx.OnnxMerging#merge} says. */
  public static MergeReport run(
      List<Path> networks,
      Heads heads,
      FileFoldRequest request,
      Progress progress,
      ClusterObserver observer) {
    if (networks.size() < 2) {
      throw new PleatException(
          "%d network is named where two or more merge; name them all before -o"
              .formatted(networks.size()));
    }
    return new NetworkMerge(networks, heads, request, progress, observer).run();
  }

  private MergeReport run() {
    OutputCheck check = new OutputCheck();
    files.forEach(check::reads);
    if (!request.dryRun()) {
      check.writesModel(request.output());
    }
    List<OnnxModel> models = read();
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      Path union = folder.path().resolve(name());
      List<TracedModel> traced = traced(models);
      write(traced, heads, union);
      double difference = difference(traced, union, folder);
      MadeInputs made = MadeInputs.by(models);
      boolean fitted = heads == Heads.JOINT && fitHeads(traced.getFirst(), union, made, folder);
      FoldReport report =
          FoldPipeline.run(request.of(union, options()), progress, observer, SharedWork.of(made));
      return new MergeReport(
          files.stream().map(Path::toString).toList(),
          heads.spelling(),
          fitted,
          difference,
          report.ofInput(files.getFirst().toString()));
    }
  }

  /**
   * Fits the heads of a joint output to each other on inputs that the networks make, where they can
   * make any and nothing else is asked for.
   */
  private boolean fitHeads(TracedModel first, Path union, MadeInputs made, TemporaryFolder folder) {
    boolean making =
        request.options().repair() == Repair.AUTO
            || request.options().repair() == Repair.LEAST_SQUARES;
    if (!making || !(request.source() instanceof InputSource.Made(Effort effort))) {
      return false;
    }
    Optional<ModelProto> fitted;
    try {
      List<CalibrationInputs> each =
          made.each(
              RepairPlanner.toFit(
                  request.options().seed(),
                  request.inputShapes(),
                  request.samples(),
                  request.threads()),
              effort,
              progress);
      fitted = JointHeads.fitted(ModelReader.read(union), each, request.threads());
    } catch (PleatException e) {
      LOG.debug("joint heads are left as they are", e);
      return false;
    }
    fitted.ifPresent(proto -> {
      Path aside = folder.path().resolve("fitted.onnx");
      ModelWriter.write(first.model(), proto, aside);
      try {
        Files.move(aside, union, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        throw new PleatException("%s cannot be written: %s".formatted(union, e.getMessage()));
      }
    });
    return fitted.isPresent();
  }

  private List<OnnxModel> read() {
    progress.begin("read", files.size());
    List<OnnxModel> models = new ArrayList<>();
    for (Path file : files) {
      OnnxModel model = OwnConstants.of(ModelReader.read(file));
      RunLimit.check(model, request.inputShapes());
      if (!models.isEmpty()) {
        SameGraph.names(models.getFirst(), model, node -> heads != Heads.MEAN);
      }
      models.add(model);
      progress.step();
    }
    return models;
  }

  private String name() {
    String all =
        files.stream()
            .map(file -> file.getFileName().toString().replaceFirst("\\.onnx$", ""))
            .collect(Collectors.joining("+"));
    return (all.length() > LONGEST_NAME ? "union" : all) + ".onnx";
  }

  private List<TracedModel> traced(List<OnnxModel> models) {
    progress.begin("unite", models.size());
    List<TracedModel> traced = new ArrayList<>();
    for (OnnxModel model : models) {
      TracedModel whole = TracedModel.of(model, request.inputShapes(), request.threads());
      traced.add(request.options().heads() > 0 ? whole : whole.withoutHeads());
      traced.getLast().checkFinite();
      progress.step();
    }
    TracedModel first = traced.getFirst();
    if (first.groups().isEmpty()) {
      throw NothingFolds.of(files.getFirst(), first.model(), first.trace(), first.obstacle());
    }
    return traced;
  }

  private void write(List<TracedModel> traced, Heads of, Path union) {
    ModelProto proto = NetworkUnion.of(traced, of, provenance());
    ModelWriter.write(traced.getFirst().model(), proto, union);
  }

  private Map<String, String> provenance() {
    return Map.of(
        "pleat.merged",
        files.stream()
            .map(file -> file.getFileName() + " " + Provenance.hash(file))
            .collect(Collectors.joining("\n")));
  }

  /** The share of the union's channels that leaves the width that is wanted of one network. */
  private FoldOptions options() {
    if (!(request.options().target() instanceof Target.Channels(double removed))) {
      throw new PleatException(
          "networks merge to a share of their channels: give --channels R, or nothing for the width of one");
    }
    double kept = (1 - removed) / files.size();
    return request.options().with(new Target.Channels(1 - kept)).ofUnion(files.size());
  }

  /** Joint outputs are those of the networks side by side, so these are what is compared. */
  private double difference(List<TracedModel> traced, Path united, TemporaryFolder folder) {
    Path union = united;
    if (heads == Heads.JOINT) {
      union = folder.path().resolve("separate.onnx");
      write(traced, Heads.SEPARATE, union);
    }
    Map<String, TensorValue> inputs;
    Map<String, TensorValue> found;
    try (OnnxSession session = OnnxSession.open(union, request.threads())) {
      inputs = GeneratedInputs.firstThatRuns(session, request.inputShapes(), SEED);
      found = session.run(inputs);
    }
    Map<String, TensorValue> expected = new TreeMap<>();
    for (int m = 0; m < files.size(); m++) {
      int network = m;
      try (OnnxSession session = OnnxSession.open(files.get(m), request.threads())) {
        session
            .run(inputs)
            .forEach((name, value) -> {
              if (value instanceof Floats floats) {
                expected.merge(name, share(floats), NetworkMerge::sum);
                expected.put(OwnLayers.ofNetwork(name, network), floats);
              }
            });
      }
    }
    return OutputDifference.relative(expected, found);
  }

  private TensorValue share(Floats value) {
    float[] values = value.values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] /= files.size();
    }
    return new Floats(value.shape(), values);
  }

  private static TensorValue sum(TensorValue a, TensorValue b) {
    if (!(a instanceof Floats(long[] shape, float[] x) && b instanceof Floats(long[] s, float[] y))
        || x.length != y.length) {
      return a;
    }
    float[] values = x.clone();
    for (int i = 0; i < values.length; i++) {
      values[i] += y[i];
    }
    return new Floats(shape, values);
  }
}
