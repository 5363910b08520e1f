package dev.pleat.llm.fold;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.llm.request.LayerTarget;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One fold of one model directory.
 *
 * @param input the directory to read
 * @param output the directory to make; empty path for a dry run
 * @param options what to fold and how; groups are named by family: mlp, experts, attention, and
 *     where layers differ in width or are about to, by layer too: layers.0.mlp
 * @param round widths are rounded up to a multiple of this; when empty, of what loaders like
 * @param heads the share of key/value groups to remove, in [0, 1); when empty, attention stays
 * @param layers how many layers to remove
 * @param architecture a description to use instead of the bundled ones
 * @param data a text to repair with; when empty, the model writes its own
 * @param dryRun plan and report, write nothing
 * @param force replace an existing output, or start over what was begun
 * @param resume continue what an interrupted run has begun
 * @param verify whether to run the layers and the written model to check them
 * @param threads threads to use, at least 1
 */
public record CheckpointFoldRequest(
    Path input,
    Path output,
    FoldOptions options,
    Optional<Integer> round,
    Optional<Double> heads,
    LayerTarget layers,
    Optional<Path> architecture,
    Optional<Path> data,
    boolean dryRun,
    boolean force,
    boolean resume,
    boolean verify,
    int threads) {

  /** Everything that the fold reads. */
  List<Path> inputs() {
    return Stream.of(Optional.of(input), architecture, data).flatMap(Optional::stream).toList();
  }

  /** Feed-forward blocks only, with one thread per processor, verified, never overwriting. */
  public static CheckpointFoldRequest of(Path input, Path output, FoldOptions options) {
    return builder(input, output, options).build();
  }

  /** A request like {@link #of}, to be told more. */
  public static Builder builder(Path input, Path output, FoldOptions options) {
    return new Builder(input, output, options);
  }

  /** Makes a request, one subject after the other. */
  public static final class Builder {
    private final Path input;
    private final Path output;
    private final FoldOptions options;
    private Optional<Integer> round = Optional.empty();
    private Optional<Double> heads = Optional.empty();
    private LayerTarget layers = LayerTarget.NONE;
    private Optional<Path> architecture = Optional.empty();
    private Optional<Path> data = Optional.empty();
    private boolean dryRun;
    private boolean force;
    private boolean resume;
    private boolean verify = true;
    private int threads = Runtime.getRuntime().availableProcessors();

    private Builder(Path input, Path output, FoldOptions options) {
      this.input = input;
      this.output = output;
      this.options = options;
    }

    /**
     * Widths are rounded up to a multiple of this, at least 1; when empty, of what loaders like.
     */
    public Builder round(Optional<Integer> multiple) {
      round = multiple;
      return this;
    }

    /** Widths are rounded up to a multiple of this, at least 1. */
    public Builder round(int multiple) {
      return round(Optional.of(multiple));
    }

    /** The share of key/value groups to remove, in [0, 1). */
    public Builder heads(Optional<Double> share) {
      heads = share;
      return this;
    }

    /** How many layers to remove. */
    public Builder layers(LayerTarget removed) {
      layers = removed;
      return this;
    }

    /** A description to use instead of the bundled ones. */
    public Builder architecture(Optional<Path> description) {
      architecture = description;
      return this;
    }

    /** A text to repair with; when empty, the model writes its own. */
    public Builder data(Optional<Path> text) {
      data = text;
      return this;
    }

    /** Whether to plan and report, and write nothing. */
    public Builder dryRun(boolean only) {
      dryRun = only;
      return this;
    }

    /** Whether to replace an existing output, or start over what was begun. */
    public Builder force(boolean replacing) {
      force = replacing;
      return this;
    }

    /** Whether to continue what an interrupted run has begun. */
    public Builder resume(boolean continuing) {
      resume = continuing;
      return this;
    }

    /** Whether to run the layers and the written model to check them. */
    public Builder verify(boolean running) {
      verify = running;
      return this;
    }

    /** Threads to use, at least 1. */
    public Builder threads(int count) {
      threads = count;
      return this;
    }

    /** The request. */
    public CheckpointFoldRequest build() {
      return new CheckpointFoldRequest(
          input,
          output,
          options,
          round,
          heads,
          layers,
          architecture,
          data,
          dryRun,
          force,
          resume,
          verify,
          threads);
    }
  }
}
