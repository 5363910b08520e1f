package dev.pleat;

import dev.pleat.core.PleatException;
import dev.pleat.core.Setting;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Rounding;
import dev.pleat.core.fold.Target;
import dev.pleat.llm.CheckpointFolding;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.request.LayerTarget;
import dev.pleat.onnx.output.OutputCheck;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One fold of a language model's directory. It needs a target, a width, a share of heads or layers
 * to remove. Widths are rounded up to what loaders like unless it is said to what.
 */
public final class DirectoryFold extends FoldRequest<DirectoryFold> {

  /**
   * What only directories have.
   *
   * @param architecture a description of the model's family, where none is bundled
   * @param data a text to repair with; when empty, the model writes its own
   */
  private record Layout(
      LayerTarget layers, Optional<Path> architecture, Optional<Path> data, boolean resume) {}

  private final Layout layout;

  private DirectoryFold(Settings settings, Layout layout) {
    super(settings);
    this.layout = layout;
  }

  private static DirectoryFold of(Settings settings) {
    return new DirectoryFold(
        settings, new Layout(LayerTarget.NONE, Optional.empty(), Optional.empty(), false));
  }

  /** A fold of one directory into another. */
  public static DirectoryFold of(Path input, Path output) {
    return of(Settings.of(input, Optional.of(output)));
  }

  /** A fold that has nowhere to write, to be looked at. */
  public static DirectoryFold of(Path input) {
    return of(Settings.of(input, Optional.empty()));
  }

  @Override
  DirectoryFold with(Settings other) {
    return new DirectoryFold(other, layout);
  }

  private DirectoryFold with(Layout other) {
    return new DirectoryFold(settings(), other);
  }

  /** Layers may be all that goes. */
  @Override
  Target usualTarget() {
    if (layout.layers.equals(LayerTarget.NONE)) {
      throw PleatException.naming(
          "no target: a directory needs %s, %s, %s, %s, %s or %s; without a target only .onnx files fold",
          Setting.of("channels", "R"),
          Setting.of("params", "R"),
          Setting.of("size", "SIZE"),
          Setting.of("width", "GROUP=K"),
          Setting.of("heads", "R"),
          Setting.of("layers", "N"));
    }
    return new Target.Channels(0);
  }

  @Override
  public OutputCheck outputs() {
    OutputCheck check =
        new OutputCheck().reads(input()).reads(layout.data).reads(layout.architecture);
    if (!dryRun()) {
      output().ifPresent(check::writesDirectory);
    }
    return check;
  }

  /** As the engine takes it. */
  CheckpointFoldRequest request() {
    return request(options());
  }

  CheckpointFoldRequest request(FoldOptions options) {
    return CheckpointFoldRequest.builder(input(), output().orElse(Path.of("")), options)
        .round(multiple())
        .heads(settings().heads())
        .layers(layout.layers)
        .architecture(layout.architecture)
        .data(layout.data)
        .dryRun(dryRun())
        .force(force())
        .resume(layout.resume)
        .verify(verify())
        .threads(threads())
        .build();
  }

  /** The multiple that widths are rounded up to; empty for what loaders like. */
  Optional<Integer> multiple() {
    return settings()
        .rounding()
        .flatMap(rounding ->
            rounding instanceof Rounding.Multiple(int multiple)
                ? Optional.of(multiple)
                : Optional.empty());
  }

  Optional<Path> architecture() {
    return layout.architecture;
  }

  Optional<Path> data() {
    return layout.data;
  }

  /** The multiple that a feed-forward width is rounded up to when nobody says another. */
  public static int usualMultiple(int width) {
    return CheckpointFolding.multiple(width);
  }

  /** Also removes so many layers, those that the model's own text misses least. */
  public DirectoryFold layers(int count) {
    return layers(new LayerTarget.Count(count));
  }

  /** Also removes layers; the others are fitted to make up for them. */
  public DirectoryFold layers(LayerTarget layers) {
    return with(new Layout(layers, layout.architecture, layout.data, layout.resume));
  }

  /** Goes by this description of the model's family, where Pleat does not know it. */
  public DirectoryFold architecture(Path description) {
    return with(new Layout(layout.layers, Optional.of(description), layout.data, layout.resume));
  }

  /** Repairs on this text instead of one that the model writes. */
  public DirectoryFold data(Path text) {
    return with(new Layout(layout.layers, layout.architecture, Optional.of(text), layout.resume));
  }

  /** Whether to continue what an interrupted run has begun. */
  public DirectoryFold resume(boolean continuing) {
    return with(new Layout(layout.layers, layout.architecture, layout.data, continuing));
  }
}
