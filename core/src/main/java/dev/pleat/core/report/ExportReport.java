package dev.pleat.core.report;

import java.util.List;

/**
 * The result of an export. The component names are the fields of {@code export --json}.
 *
 * @param input the model directory
 * @param output the ONNX model
 * @param weights names of the files in the output's folder that hold its weights
 */
public record ExportReport(String input, String output, List<String> weights) {

  /** Copies the list. */
  public ExportReport {
    weights = List.copyOf(weights);
  }
}
