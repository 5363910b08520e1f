package dev.pleat.onnx.eval;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.data.ImageSet;
import java.util.Arrays;
import java.util.Optional;

/** Counts images whose class is the largest output, or among the five largest. */
final class AccuracyTally {
  private static final int TOP = 5;

  private final ImageSet images;
  private int seen;
  private int first;
  private int amongFive;
  private boolean fiveClasses = true;

  AccuracyTally(ImageSet images) {
    this.images = images;
  }

  /** Counts the rows of the images from {@code from} on. */
  void add(Rows rows, int from) {
    if (!rows.classifies()) {
      throw new PleatException(
          "the output '%s' %s is no classifier's (expected [images, classes]); name one with --output-name, or leave out the labels"
              .formatted(rows.name(), Arrays.toString(rows.shape())));
    }
    fiveClasses &= rows.width() >= TOP;
    for (int i = 0; i < rows.count(); i++) {
      int label = images.label(from + i).orElseThrow();
      if (label >= rows.width()) {
        throw new PleatException(
            "%s has class %d, but the output '%s' has %d classes (0 to %d); give the labels that the model was trained on"
                .formatted(
                    images.describe(from + i), label, rows.name(), rows.width(), rows.width() - 1));
      }
      int rank = rows.rank(i, label);
      first += rank == 0 ? 1 : 0;
      amongFive += rank < TOP ? 1 : 0;
      seen++;
    }
  }

  Optional<Double> accuracy() {
    return seen == 0 ? Optional.empty() : Optional.of((double) first / seen);
  }

  Optional<Double> top5() {
    return seen == 0 || !fiveClasses ? Optional.empty() : Optional.of((double) amongFive / seen);
  }
}
