package dev.pleat.llm;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import java.nio.file.Path;
import java.util.Optional;

/** Requests as tests make them: widths are not rounded, and what is written is run. */
final class UnroundedFold {
  private UnroundedFold() {}

  static CheckpointFoldRequest of(
      Path input, Path output, FoldOptions options, boolean resume, int threads) {
    return new CheckpointFoldRequest(
        input,
        output,
        options,
        Optional.of(1),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        resume,
        true,
        threads);
  }
}
