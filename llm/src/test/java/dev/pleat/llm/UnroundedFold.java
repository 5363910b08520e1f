package dev.pleat.llm;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import java.nio.file.Path;

/** Requests as tests make them: widths are not rounded, and what is written is run. */
final class UnroundedFold {
  private UnroundedFold() {}

  static CheckpointFoldRequest of(
      Path input, Path output, FoldOptions options, boolean resume, int threads) {
    return CheckpointFoldRequest.builder(input, output, options)
        .round(1)
        .resume(resume)
        .threads(threads)
        .build();
  }
}
