package dev.pleat.onnx.eval;

import dev.pleat.core.PleatException;
import dev.pleat.core.report.Agreement;
import dev.pleat.onnx.run.TensorValue;
import java.util.Arrays;
import java.util.Map;

/** Compares the rows of an original with those of the model folded from it. */
public final class AgreementTally {
  /** Probabilities are taken as at least this, so that one rounded to 0 costs no infinity. */
  private static final double LEAST_PROBABILITY = 1e-12;

  private static final double SUM_TOLERANCE = 1e-3;

  private long rows;
  private long same;
  private double divergence;
  private double largest;

  public void add(Rows original, Rows folded) {
    checkShapes(folded.name(), original.shape(), folded.shape());
    for (int r = 0; r < original.count(); r++) {
      same += original.argmax(r) == folded.argmax(r) ? 1 : 0;
      divergence += divergence(original, folded, r);
      rows++;
    }
    addDifferences(original.values(), folded.values());
  }

  /**
   * Takes the largest difference from every floating-point output. What is NaN in both is no
   * difference: a detector may leave places unfilled.
   *
   * @throws PleatException when an output is missing or of another shape in the original, or NaN in
   *     one of the two only
   */
  void addAll(Map<String, TensorValue> original, Map<String, TensorValue> folded) {
    folded.forEach((name, value) -> {
      if (value instanceof TensorValue.Floats(long[] shape, float[] values)) {
        if (!(original.get(name)
            instanceof TensorValue.Floats(long[] originalShape, float[] expected))) {
          throw new PleatException(
              "--against has no floating-point output '%s'; give the model it was folded from"
                  .formatted(name));
        }
        checkShapes(name, originalShape, shape);
        for (int i = 0; i < values.length; i++) {
          if (Float.isNaN(values[i]) != Float.isNaN(expected[i])) {
            throw new PleatException(
                "%s gives NaN in the output '%s' where the other does not; check its weights"
                    .formatted(Float.isNaN(values[i]) ? "the model" : "--against", name));
          }
        }
        addDifferences(expected, values);
      }
    });
  }

  private static void checkShapes(String name, long[] original, long[] folded) {
    if (!Arrays.equals(original, folded)) {
      throw new PleatException(
          "the output '%s' is %s, but %s in --against; give the model it was folded from"
              .formatted(name, Arrays.toString(folded), Arrays.toString(original)));
    }
  }

  private void addDifferences(float[] original, float[] folded) {
    for (int i = 0; i < original.length; i++) {
      double difference = Math.abs((double) original[i] - folded[i]);
      // Equal infinities subtract to NaN; masked logits are of this kind.
      largest = Double.isNaN(difference) ? largest : Math.max(largest, difference);
    }
  }

  public Agreement agreement() {
    return new Agreement((double) same / rows, divergence / rows, largest);
  }

  /** KL(original ‖ folded) of one row in nats. */
  private static double divergence(Rows original, Rows folded, int row) {
    boolean probabilities = isProbabilities(original, row) && isProbabilities(folded, row);
    double sum =
        probabilities
            ? divergenceOfProbabilities(original, folded, row)
            : divergenceOfLogits(original, folded, row);
    return Math.max(0, sum);
  }

  private static double divergenceOfProbabilities(Rows original, Rows folded, int row) {
    double sum = 0;
    for (int c = 0; c < original.width(); c++) {
      double p = Math.max(original.at(row, c), LEAST_PROBABILITY);
      double q = Math.max(folded.at(row, c), LEAST_PROBABILITY);
      sum += p * (Math.log(p) - Math.log(q));
    }
    return sum;
  }

  private static double divergenceOfLogits(Rows original, Rows folded, int row) {
    double max = original.at(row, original.argmax(row));
    double[] shares = new double[original.width()];
    double total = 0;
    for (int c = 0; c < shares.length; c++) {
      shares[c] = Math.exp(original.at(row, c) - max);
      total += shares[c];
    }
    double logTotal = max + Math.log(total);
    double foldedLogTotal = logSumOfExponentials(folded, row);
    double least = Math.log(LEAST_PROBABILITY);
    double sum = 0;
    for (int c = 0; c < shares.length; c++) {
      // What the original rules out, such as a masked logit of minus infinity, adds nothing.
      if (shares[c] > 0) {
        double p = original.at(row, c) - logTotal;
        double q = Math.max(folded.at(row, c) - foldedLogTotal, least);
        sum += shares[c] / total * (p - q);
      }
    }
    return sum;
  }

  /** Rows of one value are logits: that it is 1 says nothing. */
  private static boolean isProbabilities(Rows rows, int row) {
    double sum = 0;
    for (int c = 0; c < rows.width(); c++) {
      float value = rows.at(row, c);
      if (!(value >= 0)) {
        return false;
      }
      sum += value;
    }
    return rows.width() > 1 && Math.abs(sum - 1) <= SUM_TOLERANCE;
  }

  private static double logSumOfExponentials(Rows rows, int row) {
    double max = rows.at(row, rows.argmax(row));
    double sum = 0;
    for (int c = 0; c < rows.width(); c++) {
      sum += Math.exp(rows.at(row, c) - max);
    }
    return max + Math.log(sum);
  }
}
