package dev.pleat.onnx.fold;

import dev.pleat.core.fold.Redundancy;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.fold.Strategy;
import dev.pleat.core.report.Verification;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.repair.MadeInputs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What folds of one file have in common, found out by the first that needs it: the model, its hash,
 * its trace and what was proven of it, one tree a group, and the inputs that it made of itself. The
 * file must stay as it is, and the folds must agree on input shapes and on whether they verify. For
 * one thread at a time.
 */
public final class SharedWork {
  private final long gramBytes;
  private final MadeInputs madeInputs;
  private final List<Redundancy> redundancies = new ArrayList<>();
  private Optional<OnnxModel> model = Optional.empty();
  private Optional<CompletableFuture<String>> hash = Optional.empty();
  private Optional<TracedModel> traced = Optional.empty();
  private Optional<Proof> proof = Optional.empty();

  /**
   * A traced model whose foldable groups are safe to fold.
   *
   * @param verification what proves that; did not run where that was not wanted
   */
  record Proof(TracedModel traced, Verification verification) {}

  private SharedWork(long gramBytes, MadeInputs madeInputs) {
    this.gramBytes = gramBytes;
    this.madeInputs = madeInputs;
  }

  /** For a single fold, which keeps no Gram matrix. */
  public static SharedWork ofOne() {
    return new SharedWork(0, new MadeInputs());
  }

  /** For a single fold of the union of networks, each of which makes inputs by itself. */
  static SharedWork of(MadeInputs madeInputs) {
    return new SharedWork(0, madeInputs);
  }

  /** For many folds: Gram matrices up to a gibibyte are kept. */
  public static SharedWork ofMany() {
    return new SharedWork(1L << 30, new MadeInputs());
  }

  OnnxModel model(Path file) {
    if (model.isEmpty()) {
      model = Optional.of(ModelReader.read(file));
    }
    return model.get();
  }

  /** The hash comes late: nothing needs it before the output is written. */
  CompletableFuture<String> hash(Path file) {
    if (hash.isEmpty()) {
      hash = Optional.of(CompletableFuture.supplyAsync(() -> Provenance.hash(file)));
    }
    return hash.get();
  }

  TracedModel traced(Supplier<TracedModel> first) {
    if (traced.isEmpty()) {
      traced = Optional.of(first.get());
    }
    return traced.get();
  }

  Proof proof(Supplier<Proof> first) {
    if (proof.isEmpty()) {
      proof = Optional.of(first.get());
    }
    return proof.get();
  }

  /**
   * The trees for folds by such a strategy.
   *
   * @param watch takes the time that it costs the first of them
   */
  Redundancy redundancy(TracedModel traced, Strategy strategy, int threads, Stopwatch watch) {
    return redundancies.stream()
        .filter(known -> known.serves(strategy))
        .findFirst()
        .orElseGet(() -> {
          Redundancy made =
              Redundancy.of(traced.tensors(), traced.groups(), strategy, gramBytes, threads);
          redundancies.add(made);
          watch.add(made.watch());
          return made;
        });
  }

  MadeInputs madeInputs() {
    return madeInputs;
  }
}
