package dev.pleat.sweep;

import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.SweepReport;
import java.nio.file.Path;

/** A model that a sweep folds and evaluates. */
public interface Subject {

  /**
   * The model itself, evaluated as its folds will be.
   *
   * @throws dev.pleat.core.PleatException when the evaluation does not fit the model
   */
  Evaluated original(Progress progress);

  /**
   * Folds the model.
   *
   * @param output where the result goes, which does not exist yet
   */
  FoldReport fold(Trial trial, Path output, Progress progress);

  /** Evaluates a fold of the model. */
  Evaluated evaluate(Path output, FoldReport report, Progress progress);

  /** What results depend on beside the trial: the model's hash and how it is evaluated. */
  String identity();

  /** What is evaluated on, for people. */
  String data();

  /**
   * A model in figures.
   *
   * @param count images or tokens that it was measured on
   */
  record Evaluated(SweepReport.Result result, long count) {}
}
