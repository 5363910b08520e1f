package dev.pleat.bench;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Target;
import dev.pleat.llm.CheckpointFolding;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.request.Part;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Folds a checkpoint of {@link PlantedLayers} by 20 %, at once or a part of it, and says what it
 * took.
 */
public final class PartsFold {
  private PartsFold() {}

  /** Arguments: the folder to fold, the folder to make, the part, of how many; 1 1 is at once. */
  public static void main(String[] arguments) throws IOException {
    CheckpointFoldRequest request =
        CheckpointFoldRequest.of(
            Path.of(arguments[0]), Path.of(arguments[1]), FoldOptions.of(new Target.Channels(0.2)));
    Part part = new Part(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
    long start = System.nanoTime();
    if (part.of() == 1) {
      CheckpointFolding.fold(request, Progress.SILENT);
    } else {
      CheckpointFolding.foldPart(request, part, Progress.SILENT);
    }
    System.out.printf(
        "part %s: %.1f s, peak resident %s%n",
        part, (System.nanoTime() - start) / 1e9, LayerFold.peak());
  }
}
